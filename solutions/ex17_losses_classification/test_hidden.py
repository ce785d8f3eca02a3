"""Hidden checks of ex17_losses_classification: formulas written out number by number."""

import math

import torch

from grader.checks import Mistake, assert_tensor, check, gradients, probe, raises

WIDE = torch.float64


@probe
def of_views(student, x, dims):
    """Return log_softmax of a turned, stepped tensor along each of dims."""
    return [student.log_softmax(x.transpose(0, 2)[:, ::2], dim) for dim in dims]


def sigmoid(z):
    """Return the logistic function of a float."""
    return 1 / (1 + math.exp(-z)) if z >= 0 else 1 - 1 / (1 + math.exp(z))


def from_scores(z, y, w=1.0):
    """Return the binary cross entropy of one score, and its slope."""
    # log(1 + exp(-|z|)) is what both logarithms share; the rest is |z| for one of them.
    rest = math.log1p(math.exp(-abs(z)))
    loss = w * y * (rest + max(-z, 0)) + (1 - y) * (rest + max(z, 0))
    return loss, -w * y * sigmoid(-z) + (1 - y) * sigmoid(z)


def single_losses(z, y, w=None):
    """Return the losses of a table of scores and their slopes; w: a number for each column."""
    pairs = [
        from_scores(a, b, 1.0 if w is None else w[column].item())
        for row, answers in zip(z.tolist(), y.tolist(), strict=True)
        for column, (a, b) in enumerate(zip(row, answers, strict=True))
    ]
    losses, slopes = torch.tensor(pairs, dtype=WIDE).t()
    return losses.reshape(z.shape), slopes.reshape(z.shape)


def rows_by_hand(logits, target, weight=None, ignore_index=-100, smoothing=0.0):
    """Return the losses of the rows, their slopes, and what the mean divides by."""
    losses, slopes, divisor = [], [], 0.0
    weight = [1.0] * logits.shape[1] if weight is None else weight.tolist()
    for row, label in zip(logits.tolist(), target.tolist(), strict=True):
        if label == ignore_index:
            losses.append(0.0)
            slopes.append([0.0] * len(row))
            continue
        exponentials = [math.exp(score - max(row)) for score in row]
        p = [value / sum(exponentials) for value in exponentials]
        share = [w * smoothing / len(row) for w in weight]
        share[label] += weight[label] * (1 - smoothing)
        losses.append(-sum(s * math.log(value) for s, value in zip(share, p, strict=True)))
        slopes.append([value * sum(share) - s for s, value in zip(share, p, strict=True)])
        divisor += weight[label]
    return torch.tensor(losses, dtype=WIDE), torch.tensor(slopes, dtype=WIDE), divisor


def compare_rows(submission, logits, target, *options):
    """Compare all three reductions of cross_entropy."""
    losses, _, divisor = rows_by_hand(logits, target, *options)
    over_all = Mistake(
        losses.mean(),
        en="This is the sum divided by the number of all rows.",
        zh="这是总和除以全部行数的结果。",
    )
    options = [*options, *(None, -100, 0.0)[len(options) :]]
    for reduction, expected in [
        ("none", losses),
        ("sum", losses.sum()),
        ("mean", losses.sum() / divisor),
    ]:
        loss = submission.cross_entropy(logits, target, *options, reduction)
        assert_tensor(loss, expected, mistakes=[over_all])


@check(
    points=1,
    zh="log_softmax 沿任意一个方向都正确，张量在内存中不连续时也一样。",
    hint="Sum along dim and keep that dimension (keepdim), so that the shapes fit again.",
    hint_zh="沿 dim 求和时保留这一维（keepdim），形状才对得上。",
)
def test_log_softmax_along_every_dimension(submission, rng):
    """log_softmax is right along every dimension, and for tensors that are not contiguous."""
    x = 3 * rng.randn(4, 6, 3, dtype=WIDE)
    turned = x.transpose(0, 2)[:, ::2]
    dims = [0, 1, 2, -1, -3]
    for result, dim in zip(submission.run(of_views, x, dims), dims, strict=True):
        total = turned.exp().sum(dim, keepdim=True)
        assert_tensor(result, turned - total.log())
    line = rng.randn(5)
    assert_tensor(submission.log_softmax(line, 0), (line.exp() / line.exp().sum()).log())


@check(
    points=2,
    zh="得分很大或很小时，三个函数都给出有限而正确的数。",
    hint="exp of a large score is inf: shift the scores first, or use logsumexp and logsigmoid.",
    hint_zh="很大的得分取 exp 会变成 inf：先平移得分，或者用 logsumexp 与 logsigmoid。",
)
def test_huge_scores(submission, rng):
    """Huge scores of both signs give finite and right numbers everywhere."""
    for dtype in (torch.float32, WIDE):
        x = torch.tensor([[1e4, 0, -1e4], [-1e4, -1e4, -1e4]], dtype=dtype)
        equal = -math.log(3)
        expected = torch.tensor([[0, -1e4, -2e4], [equal] * 3], dtype=dtype)
        assert_tensor(submission.log_softmax(x, 1), expected, rtol=1e-6, atol=2e-3)
        loss = submission.cross_entropy(x, torch.tensor([2, 1]), reduction="none")
        expected = torch.tensor([2e4, -equal], dtype=dtype)
        assert_tensor(loss, expected, rtol=1e-6, atol=2e-3)
        z = torch.tensor([1e4, 1e4, -1e4, -1e4, -200], dtype=dtype)
        y = torch.tensor([1, 0, 1, 0, 0.5], dtype=dtype)
        expected = torch.tensor([0, 1e4, 1e4, 0, 100], dtype=dtype)
        assert_tensor(submission.bce_with_logits(z, y, reduction="none"), expected)


@check(
    points=2,
    zh="bce 的 weight 逐元素相乘（可广播），mean 仍除以元素个数。",
    hint="weight belongs to the elements, not to the two answers: multiply, then reduce as before.",
    hint_zh="weight 属于每个元素，不属于两个类别：先相乘，再照常做 sum 或 mean。",
)
def test_bce_weighs_the_elements(submission, rng):
    """The weight of bce multiplies the elements, and the mean still divides by their number."""
    p = 0.05 + 0.9 * rng.rand(4, 3, dtype=WIDE)
    y = rng.rand(4, 3, dtype=WIDE)
    y[0] = torch.tensor([0.0, 1.0, 1.0])
    losses = [
        -b * math.log(a) - (1 - b) * math.log(1 - a)
        for a, b in zip(p.flatten().tolist(), y.flatten().tolist(), strict=True)
    ]
    losses = torch.tensor(losses, dtype=WIDE).reshape(4, 3)
    for weight in (None, 0.5 + 2 * rng.rand(3, dtype=WIDE), rng.rand(4, 3, dtype=WIDE)):
        weighted = losses if weight is None else losses * weight
        assert_tensor(submission.bce(p, y, weight, "none"), weighted)
        assert_tensor(submission.bce(p, y, weight, "sum"), weighted.sum())
        by_weight = Mistake(
            weighted.sum() / (1 if weight is None else weight.expand(4, 3).sum()),
            en="This is the sum divided by the sum of the weights.",
            zh="这是总和除以权重之和的结果。",
        )
        assert_tensor(submission.bce(p, y, weight), weighted.sum() / 12, mistakes=[by_weight])


@check(
    points=2,
    zh="p 为 0、1 或离它们极近时，bce 的损失正确，最大为 100。",
    hint="Limit the logarithms, not the probabilities; and 0 * -inf is nan.",
    hint_zh="要限制的是对数，不是概率；另外 0 * -inf 是 nan。",
)
def test_bce_at_certainty(submission):
    """Where p is 0 or 1, or very close to it, the loss is right, and 100 at most."""
    p = torch.tensor([0, 1, 0, 1, 1e-30, 1e-60, 1e-60, 0], dtype=WIDE)
    y = torch.tensor([0, 1, 1, 0, 1, 1, 0, 0.25], dtype=WIDE)
    expected = torch.tensor([0, 0, 100, 100, 30 * math.log(10), 100, 0, 25], dtype=WIDE)
    assert_tensor(submission.bce(p, y, reduction="none"), expected)
    assert_tensor(submission.bce(p, y), expected.sum() / 8)
    assert_tensor(submission.bce(p[:4].float(), y[:4].float()), torch.tensor(50.0))


@check(
    points=2,
    zh="pos_weight 只乘在 y 那一项上，可以每列一个数，也不改变 mean 的除数。",
    hint="pos_weight stands in front of y * log(p) alone; (1 - y) * log(1 - p) stays as it is.",
    hint_zh="pos_weight 只乘 y * log(p) 这一项，(1 - y) * log(1 - p) 保持原样。",
)
def test_pos_weight_weighs_the_positive_term(submission, rng):
    """pos_weight multiplies the term of y alone, column by column."""
    z, y = 2 * rng.randn(5, 3, dtype=WIDE), rng.rand(5, 3, dtype=WIDE)
    y[1], y[2] = 0, 1
    for weight in (None, 1.5 + 3 * rng.rand(3, dtype=WIDE)):
        losses, _ = single_losses(z, y, weight)
        both = Mistake(
            single_losses(z, y)[0] * (1 if weight is None else weight),
            en="Both terms are multiplied by pos_weight here.",
            zh="这里两项都乘上了 pos_weight。",
        )
        assert_tensor(submission.bce_with_logits(z, y, weight, "none"), losses, mistakes=[both])
        assert_tensor(submission.bce_with_logits(z, y, weight, "sum"), losses.sum())
        assert_tensor(submission.bce_with_logits(z, y, weight), losses.sum() / 15)


@check(
    points=2,
    zh="bce 与 bce_with_logits 的梯度正确；后者在 z = 0 处和得分极大时也正确。",
    hint="If the losses are right: max(z, 0) and |z| have a kink at 0, and logsigmoid has none.",
    hint_zh="如果损失值都对：max(z, 0) 和 |z| 在 0 处有折点，logsigmoid 则没有。",
)
def test_gradients_of_bce(submission, rng):
    """Both binary losses have the right gradients, at the score 0 and at huge scores as well."""
    y, weight = rng.rand(4, 3, dtype=WIDE), 0.5 + rng.rand(3, dtype=WIDE)
    p = 0.1 + 0.8 * rng.rand(4, 3, dtype=WIDE)
    received = submission.run(gradients, "bce", [p, y, weight], wrt=[0])
    assert_tensor(received[0], weight * (p - y) / (p * (1 - p)) / 12)
    z = 2 * rng.randn(4, 3, dtype=WIDE)
    z[0] = 0
    z[1] = torch.tensor([1000.0, -1000.0, 60.0])
    y[1] = torch.tensor([0.0, 1.0, 0.0])
    for options, size in [([None], 12), ([None, "sum"], 1), ([weight], 12)]:
        _, slopes = single_losses(z, y, options[0])
        received = submission.run(gradients, "bce_with_logits", [z, y, *options], wrt=[0])
        assert_tensor(received[0], slopes / size)


@check(
    points=2,
    zh="带类别权重和标签平滑时，cross_entropy 的三种 reduction 都正确。",
    hint="The mean divides by the sum of weight[t]; smoothing spreads over all C classes, t too.",
    hint_zh="mean 除以 weight[t] 之和；平滑的份额分给全部 C 个类别，目标类别也有一份。",
)
def test_class_weights_and_smoothing(submission, rng):
    """Class weights and label smoothing are right, alone and together, in every reduction."""
    logits, target = 2 * rng.randn(7, 4, dtype=WIDE), rng.randint(0, 4, (7,))
    target[:2] = torch.tensor([3, 0])
    weight = torch.tensor([0.5, 1.0, 2.0, 4.0], dtype=WIDE) + rng.rand(4, dtype=WIDE)
    for options in [(), (weight,), (None, -100, 0.3), (weight, 1, 0.3), (weight, -100, 1.0)]:
        compare_rows(submission, logits, target, *options)


@check(
    points=2,
    zh="被忽略的行损失为 0，也不计入平均；全部被忽略时 mean 为 nan。",
    hint="Leave the ignored rows out of the divisor too; their numbers must not index anything.",
    hint_zh="除数里也不能算被忽略的行；它们的编号更不能拿去当下标。",
)
def test_ignored_rows(submission, rng):
    """Ignored rows cost nothing and do not count in the mean, which is nan if nothing is left."""
    logits, weight = 2 * rng.randn(6, 3, dtype=WIDE), 0.5 + rng.rand(3, dtype=WIDE)
    target = torch.tensor([0, 2, 1, 2, 1, 0])
    for ignored in (-100, -1, 2, 255):
        labels = target.where(target != 2, ignored)
        for options in [(None, ignored), (weight, ignored)]:
            compare_rows(submission, logits, labels, *options)
    compare_rows(submission, logits[:2, :1], torch.tensor([-100, 0]))  # one class is the least
    nothing = torch.full((6,), -100)
    nan, zeros = torch.tensor(math.nan, dtype=WIDE), torch.zeros(6, dtype=WIDE)
    assert_tensor(submission.cross_entropy(logits, nothing), nan, equal_nan=True)
    assert_tensor(submission.cross_entropy(logits, nothing, reduction="none"), zeros)
    assert_tensor(submission.cross_entropy(logits, nothing, reduction="sum"), zeros.sum())


@check(
    points=2,
    zh="cross_entropy 的梯度正确：没有选项时是 (softmax - onehot) / N，带上全部选项时也正确。",
    hint="If the losses are right: .item(), float() and torch.tensor(...) cut the graph.",
    hint_zh="如果损失值都对：.item()、float() 和 torch.tensor(...) 会切断计算图。",
)
def test_gradients_of_cross_entropy(submission, rng):
    """The gradient is (softmax - onehot) / N, and right with all options as well."""
    logits, weight = 2 * rng.randn(6, 4, dtype=WIDE), 0.5 + 2 * rng.rand(4, dtype=WIDE)
    target, upstream = torch.tensor([0, 3, 1, 2, 2, 0]), rng.randn(6, dtype=WIDE)
    for options in [(None, -100, 0.0), (weight, 2, 0.25)]:
        _, slopes, divisor = rows_by_hand(logits, target, *options)
        arguments = [logits, target, *options]
        received = submission.run(gradients, "cross_entropy", arguments, wrt=[0])
        assert_tensor(received[0], slopes / divisor)
        arguments.append("none")
        received = submission.run(gradients, "cross_entropy", arguments, wrt=[0], upstream=upstream)
        assert_tensor(received[0], slopes * upstream[:, None])


@check(
    points=1,
    zh="结果的 dtype 和设备与输入相同；只有一行或一行都没有时也正确。",
    hint="Build results from the inputs (new_ones, where, gather), and let no squeeze() guess.",
    hint_zh="结果要由输入得到（new_ones、where、gather）；不要用不写 dim 的 squeeze()。",
)
def test_dtype_device_and_small_batches(submission, rng):
    """Dtype and device are those of the inputs, and a batch of one row or none is right."""
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    away, x = submission.on("meta"), rng.randn(2, 3, dtype=WIDE)
    empty = torch.empty(2, 3, dtype=WIDE, device="meta")
    assert_tensor(away.log_softmax(x, 0), empty)
    assert_tensor(away.bce_with_logits(x, x, None, "none"), empty)
    for dtype in (torch.float32, WIDE):
        for rows in (1, 0):
            x = torch.full((rows, 2), 0.5, dtype=dtype)
            pairs, losses = (torch.full(n, math.log(2), dtype=dtype) for n in ((rows, 2), (rows,)))
            assert_tensor(submission.log_softmax(x, 1), -pairs)
            assert_tensor(submission.bce(x, x, None, "none"), pairs)
            assert_tensor(submission.bce_with_logits(0 * x, x, None, "none"), pairs)
            target = torch.ones(rows, dtype=torch.int64)
            assert_tensor(submission.cross_entropy(x, target, reduction="none"), losses)
            total = submission.cross_entropy(x, target, reduction="sum")
            assert_tensor(total, losses.sum())


@check(
    points=1,
    zh="形状不同、概率不在 [0, 1]、类别编号超出范围或类型不对时，都抛出 ValueError。",
    hint="Broadcasting and negative indices raise nothing themselves: compare before you compute.",
    hint_zh="广播和负数下标本身都不会报错，所以计算之前要自己检查。",
)
def test_what_is_refused_besides(submission, rng):
    """Shapes that differ, numbers out of range and class numbers of another kind are refused."""
    column, line = rng.rand(4, 1), rng.rand(4)
    for function in (submission.bce, submission.bce_with_logits):
        for first, second in [(column, line), (line, column), (rng.rand(3), rng.rand(1))]:
            with raises(ValueError):
                function(first, second)
    for p in ([0.5, -0.01], [1.01, 0.5]):
        with raises(ValueError):
            submission.bce(torch.tensor(p), torch.tensor([0.0, 1.0]))
    logits = rng.randn(3, 4)
    for target in ([0, 4, 1], [0, -1, 1], [-4, 0, 1], [1, -100, 7], [0, 1], [[0], [1], [2]]):
        with raises(ValueError):
            submission.cross_entropy(logits, torch.tensor(target))
    with raises(ValueError):
        submission.cross_entropy(logits, torch.tensor([0, -100, 1]), None, -1)
    with raises(ValueError):
        submission.cross_entropy(logits, torch.tensor([0, 1, 2], dtype=torch.int32))
    with raises(ValueError):
        submission.cross_entropy(logits, logits.softmax(1))
    with raises(ValueError):
        submission.cross_entropy(logits[0], torch.tensor([1, 0, 2, 1]))
    with raises(ValueError):
        submission.cross_entropy(torch.ones(3, 4, dtype=torch.int64), torch.tensor([0, 1, 2]))
