"""Hidden checks of ex18_entropy_kl: formulas written out number by number."""

import math

import torch

from grader.checks import (
    Mistake,
    assert_tensor,
    check,
    gradients,
    probe,
    raises,
)

WIDE = torch.float64


@probe
def of_columns(student, p, q):
    """Return what the functions make of the columns of p and q, which are not contiguous."""
    names = ("cross_entropy_dist", "kl_div")
    pairs = [getattr(student, name)(p.t(), q.t()) for name in names]
    return [student.entropy(p.t()), *pairs, student.kl_loss(q.log().t(), p.t(), "none")]


@probe
def slopes_of_the_loss(student, log_q, p, reduction, log_target):
    """Return the gradient of kl_loss with respect to log_q."""
    log_q = log_q.clone().requires_grad_()
    loss = student.kl_loss(log_q, p, reduction, log_target=log_target)
    loss.backward()
    return log_q.grad


@probe
def divergences(student, p, q):
    """Return the divergence of each row, asked for one row at a time."""
    return [student.kl_div(p[i], q[i]) for i in range(len(p))]


def drawn(rng, *shape, least=0.02):
    """Return random distributions whose numbers are not tiny."""
    p = least + rng.rand(*shape, dtype=WIDE)
    return p / p.sum(-1, keepdim=True)


def with_zero(p, *places):
    """Return p with zeros at these places of the last dimension, with sum 1 again."""
    p = p.clone()
    p[..., list(places)] = 0
    return p / p.sum(-1, keepdim=True)


def by_hand(term, p, q):
    """Sum term(p, q) along the last dimension wherever p is positive."""
    rows = zip(
        p.reshape(-1, p.shape[-1]).tolist(), q.reshape(-1, p.shape[-1]).tolist(), strict=True
    )
    sums = [sum(term(a, b) for a, b in zip(*row, strict=True) if a > 0) for row in rows]
    return torch.tensor(sums, dtype=p.dtype).reshape(p.shape[:-1])


def cost(a, b):
    """Return one term of the cross entropy."""
    return -a * math.log(b) if b > 0 else math.inf


def waste(a, b):
    """Return one term of the divergence."""
    return a * math.log(a / b) if b > 0 else math.inf


@check(
    points=1,
    zh="information 对任意形状和两种 dtype 都正确，[0, 1] 之外的数一律拒绝。",
    hint="The unit is the bit: a logarithm to the base 2. The result keeps shape and dtype.",
    hint_zh="单位是比特，即以 2 为底的对数；结果保持形状和 dtype。",
)
def test_information_of_any_shape(submission, rng):
    """Information is right for probabilities of every shape and dtype, and refuses the others."""
    for dtype in (torch.float32, WIDE):
        for shape in [(3, 4, 2), (5,), (), (0, 3)]:
            p = (0.01 + 0.98 * rng.rand(*shape, dtype=WIDE)).to(dtype)
            bits = [-math.log(value) / math.log(2) for value in p.flatten().tolist()]
            expected = torch.tensor(bits, dtype=dtype).reshape(shape)
            assert_tensor(submission.information(p), expected)
    ends = torch.tensor([1, 0, 2**-40], dtype=WIDE)
    expected = torch.tensor([0, math.inf, 40], dtype=WIDE)
    assert_tensor(submission.information(ends), expected)
    for value in (-0.01, 1.01):
        with raises(ValueError):
            submission.information(torch.tensor([0.5, value]))


@check(
    points=2,
    zh="entropy 对任意一批分布、任意 base 都正确，零概率贡献 0，均匀分布时最大。",
    hint="Sum along the last dimension only; 0 * log(0) is nan unless you see to it.",
    hint_zh="只沿最后一维求和；0 * log(0) 会得到 nan，需要专门处理。",
)
def test_entropy_of_batches(submission, rng):
    """Entropy is right for batches and every base, zeros add nothing, equal outcomes most."""
    p = drawn(rng, 2, 3, 5)
    for q in (p, with_zero(p, 1), with_zero(p, 0, 2, 3), with_zero(p, 0, 1, 2, 3)):
        for base in (2, 10, math.e, 1.5):
            expected = by_hand(cost, q, q) / math.log(base)
            assert_tensor(submission.entropy(q, base), expected)
    for n in (1, 2, 7):
        equal = torch.full((n,), 1 / n)
        assert_tensor(submission.entropy(equal), torch.tensor(math.log2(n)))
    assert_tensor(submission.entropy(p[:1, 0]), by_hand(cost, p[:1, 0], p[:1, 0]) / math.log(2))
    assert_tensor(submission.entropy(p[:0]), torch.zeros(0, 3, dtype=WIDE))


@check(
    points=2,
    zh="cross_entropy_dist 对任意一批分布都正确；预测为不可能的事真的发生时，结果是 inf。",
    hint="P = 0 contributes 0 even where Q is 0; P > 0 where Q is 0 costs inf. Add no epsilon.",
    hint_zh="P = 0 时贡献 0，即使 Q 也是 0；P > 0 而 Q = 0 时代价是 inf。不要加 epsilon。",
)
def test_cross_entropy_of_batches(submission, rng):
    """The cross entropy is right for batches, with zeros on either side, and inf where it must."""
    p, q = drawn(rng, 2, 4, 3), drawn(rng, 2, 4, 3)
    no_first, no_last = with_zero(p, 0), with_zero(q, 2)
    sure = with_zero(q, 0, 1)
    for first, second in [
        (p, q),
        (q[0, 1], p[0, 1]),
        (no_first, q),
        (no_first, with_zero(q, 0)),
        (p, no_last),
        (sure, sure),
        (p[:, :0], q[:, :0]),
    ]:
        expected = by_hand(cost, first, second)
        assert_tensor(submission.cross_entropy_dist(first, second), expected)


@check(
    points=2,
    zh="kl_div 对许多对分布都正确：从不为负，不对称，零概率也处理得对。",
    hint="D(P || Q) = H(P, Q) - H(P), both in nats; P = 0 contributes 0.",
    hint_zh="D(P || Q) = H(P, Q) - H(P)，两者都以 nat 为单位；P = 0 时贡献 0。",
)
def test_kl_div_of_many_pairs(submission, rng):
    """kl_div is right for many pairs, never negative, not symmetric, and right with zeros."""
    p, q = drawn(rng, 100, 4), drawn(rng, 100, 4)
    expected = by_hand(waste, p, q)
    mistakes = [
        Mistake(
            by_hand(waste, q, p),
            en="This is the divergence the other way round: it is not symmetric.",
            zh="这是把两个分布颠倒之后的散度：KL 散度不对称。",
        )
    ]
    result = submission.kl_div(p, q)
    assert_tensor(result, expected, mistakes=mistakes)
    assert result.min() >= 0
    assert_tensor(torch.stack(submission.run(divergences, p[:3], q[:3])), expected[:3])
    no_first = with_zero(p, 0)
    for first, second in [(no_first, q), (no_first, with_zero(q, 0)), (p, with_zero(q, 3))]:
        assert_tensor(submission.kl_div(first, second), by_hand(waste, first, second))
    assert_tensor(submission.kl_div(no_first, no_first), torch.zeros(100, dtype=WIDE))


@check(
    points=2,
    zh="梯度能传过 entropy、cross_entropy_dist 和 kl_div，数值正确。",
    hint="If the values are right: numpy, .item(), .tolist() and .detach() cut the graph.",
    hint_zh="如果数值都对：numpy、.item()、.tolist() 和 .detach() 都会切断计算图。",
)
def test_gradients_of_distributions(submission, rng):
    """Entropy, cross entropy and divergence have the right gradients."""
    p, q, upstream = drawn(rng, 4, 3), drawn(rng, 4, 3), rng.randn(4, dtype=WIDE)
    up = upstream[:, None]
    received = submission.run(gradients, "entropy", [p, 10], wrt=[0], upstream=upstream)
    assert_tensor(received[0], -(p.log() + 1) / math.log(10) * up)
    for name, of_p in [("cross_entropy_dist", -q.log()), ("kl_div", (p / q).log() + 1)]:
        received = submission.run(gradients, name, [p, q], wrt=[0, 1], upstream=upstream)
        assert_tensor(received[0], of_p * up)
        assert_tensor(received[1], -p / q * up)
        sparse = with_zero(p, 1)
        received = submission.run(gradients, name, [sparse, q], wrt=[1], upstream=upstream)
        assert_tensor(received[0], -sparse / q * up)


@check(
    points=2,
    zh="kl_loss 对二维和三维的表、四种 reduction、两种目标写法都正确，零概率贡献 0。",
    hint="With log_target the weight is exp(p); batchmean divides by the first size only.",
    hint_zh="log_target 为真时，权重是 exp(p)；batchmean 只除以第一维的大小。",
)
def test_kl_loss_in_every_reduction(submission, rng):
    """kl_loss is right in all reductions, with both kinds of target, and where p is 0."""
    for shape in [(4, 3), (2, 5, 3), (1, 6)]:
        p, q = drawn(rng, *shape), drawn(rng, *shape)
        q[0] *= 0.5  # nobody has said that the numbers sum to 1
        for target, guess in [(p, q), (with_zero(p, 0), q), (with_zero(p, 1), with_zero(q, 1))]:
            single = torch.where(target > 0, target * (target.log() - guess.log()), 0)
            total = single.sum()
            by_all = Mistake(
                total / single.numel(),
                en="This is the sum divided by the number of all losses.",
                zh="这是总和除以全部损失个数的结果。",
            )
            for reduction, expected in [
                ("none", single),
                ("sum", total),
                ("mean", total / single.numel()),
                ("batchmean", total / shape[0]),
            ]:
                loss = submission.kl_loss(guess.log(), target, reduction)
                assert_tensor(loss, expected, mistakes=[by_all])
                loss = submission.kl_loss(guess.log(), target.log(), reduction, log_target=True)
                assert_tensor(loss, expected, mistakes=[by_all])
    line = torch.tensor([0.25, 0.75])
    expected = torch.tensor([-0.25 * math.log(3), 0.75 * math.log(3)])
    result = submission.kl_loss(torch.tensor([0.75, 0.25]).log(), line, "none")
    assert_tensor(result, expected)
    certain, half = torch.tensor([[0.0, -math.inf]]), torch.tensor([[0.5, 0.5]])
    assert_tensor(submission.kl_loss(certain, certain.exp()), torch.tensor(0.0))
    assert_tensor(submission.kl_loss(certain, half), torch.tensor(math.inf))
    nothing = torch.zeros(0, 3)
    assert_tensor(submission.kl_loss(nothing, nothing, "none"), nothing)
    assert_tensor(submission.kl_loss(nothing, nothing, "sum"), torch.tensor(0.0))


@check(
    points=2,
    zh="kl_loss 对 log_q 的梯度是 -p / N，目标概率为 0 处也正确。",
    hint="If the losses are right: nan comes from 0 * inf; where p is 0, log_q must weigh 0.",
    hint_zh="如果损失值都对：nan 来自 0 * inf；p 为 0 的地方，log_q 的权重应该是 0。",
)
def test_gradients_of_kl_loss(submission, rng):
    """The gradient with respect to log_q is -p / N, also where the target is 0."""
    p, log_q = with_zero(drawn(rng, 5, 3), 1), drawn(rng, 5, 3).log()
    log_q[0, 1] = -math.inf
    for reduction, divisor in [("batchmean", 5), ("mean", 15), ("sum", 1)]:
        for target, is_log in [(p, False), (p.log(), True)]:
            received = submission.run(slopes_of_the_loss, log_q, target, reduction, is_log)
            assert_tensor(received, -p / divisor)
    upstream = rng.randn(5, 3, dtype=WIDE)
    arguments = [log_q, p, "none"]
    received = submission.run(gradients, "kl_loss", arguments, wrt=[0], upstream=upstream)
    assert_tensor(received[0], -p * upstream)


@check(
    points=1,
    zh="不连续的张量和 float32 的输入也得到正确的结果，dtype 不变；交叉熵等于熵加散度。",
    hint="Sum along dim -1 of the tensor as it is; make no new tensors of another dtype.",
    hint_zh="直接沿 dim=-1 求和，不要新建其他 dtype 的张量。",
)
def test_columns_and_float32(submission, rng):
    """Views and float32 are right in their dtype; cross entropy is entropy plus divergence."""
    for dtype in (torch.float32, WIDE):
        p, q = drawn(rng, 3, 4).to(dtype), drawn(rng, 3, 4).to(dtype)
        information, crossed, divergence, single = submission.run(of_columns, p.t(), q.t())
        assert_tensor(information, by_hand(cost, p, p) / math.log(2))
        assert_tensor(crossed, by_hand(cost, p, q))
        assert_tensor(divergence, by_hand(waste, p, q))
        assert_tensor(crossed - math.log(2) * information, divergence)
        assert_tensor(single, p * (p / q).log())


@check(
    points=1,
    zh="形状不同、不是分布、对数为正、目标不符、reduction 写错时，都抛出 ValueError；舍入不算。",
    hint="Check P and Q both, each row on its own; and log_target changes what p may be.",
    hint_zh="P 和 Q 都要检查，而且逐行检查；log_target 不同，p 的合法范围也不同。",
)
def test_what_is_refused_besides(submission, rng):
    """What is no distribution or no logarithm is refused, what is rounded is not."""
    p = torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    for bad in (
        [[0.5, 0.5], [0.5, 0.4984]],
        [[0.6, 0.5], [0.4, 0.5]],
        [[0.5, 0.5], [-0.1, 1.1]],
    ):
        with raises(ValueError):
            submission.entropy(torch.tensor(bad))
        for function in (submission.cross_entropy_dist, submission.kl_div):
            with raises(ValueError):
                function(torch.tensor(bad), p)
            with raises(ValueError):
                function(p, torch.tensor(bad))
    for function in (submission.cross_entropy_dist, submission.kl_div):
        with raises(ValueError):
            function(p, p[0])
        with raises(ValueError):
            function(p[:1], p)
    some, more = p.log(), p.log() + torch.tensor([[0.0, 0.4], [0.0, 0.0]])
    for arguments in [
        (some, p[:1]),
        (some[0], p),
        (more, p),
        (some, some),
        (some, -p, "none"),
        (some, p, "average"),
        (torch.tensor([[1.6e-5, -9.0]]), p[:1]),
        (some[0], p[0]),
        (some[0], p[0], "batchmean"),
    ]:
        with raises(ValueError):
            submission.kl_loss(*arguments)
    some[0, 0] = 1.6e-5  # a little more than rounding
    for arguments in [(more, more), (p.log(), more), (p.log(), some), (p.log(), p)]:
        with raises(ValueError):
            submission.kl_loss(*arguments, log_target=True)
    submission.entropy(p * 1.0002)  # these are only rounded, and no exception may come
    submission.kl_div(p, p * 0.9998)
    submission.kl_loss(torch.tensor([[5e-6, -9.0]]), torch.tensor([[1.0, 0.0]]))
