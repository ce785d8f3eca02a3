"""Hidden checks of ex21_loss_ctc: long sequences, other blanks, batches, gradients."""

import itertools

import torch

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe, raises


@probe
def all_fits(student, targets, lengths):
    """Return fits of every target and length."""
    return [student.fits(target, T) for target, T in zip(targets, lengths, strict=True)]


@probe
def forward_of_columns(student, columns, targets, blanks):
    """Return ctc_forward of the log-probabilities that are given as (C, T), by a view."""
    cases = zip(columns, targets, blanks, strict=True)
    return [student.ctc_forward(x.t(), target, blank) for x, target, blank in cases]


@probe
def forward_gradients(student, logits, targets, blanks):
    """Return the gradients of ctc_forward with respect to the logits behind log_softmax."""
    results = []
    for z, target, blank in zip(logits, targets, blanks, strict=True):
        z.requires_grad_()
        student.ctc_forward(z.log_softmax(1), target, blank).backward()
        results.append(z.grad)
    return results


@probe
def batch_gradient(student, logits, targets, lengths, options):
    """Return ctc_loss of a batch of logits (T, N, C) and the gradient of the logits."""
    logits.requires_grad_()
    loss = student.ctc_loss(logits.log_softmax(2), targets, *lengths, **options)
    loss.backward()
    return loss, logits.grad


def loss_by_matrices(log_probs, target, blank=0):
    """Return the CTC loss by products with the matrix of allowed moves, rescaled at each frame."""
    states = [blank, *(symbol for label in target for symbol in (label, blank))]
    size = len(states)
    moves = torch.eye(size, dtype=torch.float64) + torch.ones(size - 1).double().diag(1)
    for s in range(3, size, 2):
        moves[s - 2, s] = float(states[s] != states[s - 2])
    reached = torch.eye(size, dtype=torch.float64)[0]
    total = 0.0
    for row in log_probs.double()[:, states].exp():
        reached = reached @ moves * row
        total = total - reached.sum().log()
        reached = reached / reached.sum()
    return (total - reached[-2:].sum().log()).to(log_probs.dtype)


def drawn_target(rng, length, symbols, blank):
    """Return random labels, no two neighbours equal."""
    target = []
    for _ in range(length):
        labels = [label for label in range(symbols) if label not in (blank, *target[-1:])]
        target.append(labels[rng.integer(0, len(labels))])
    return target


def with_repeats(rng, length, symbols, blank):
    """Return random labels of which the first two and the last two are equal."""
    target = drawn_target(rng, length - 2, symbols, blank)
    return [*target[:1], *target, *target[-1:]]


def needed(target):
    """Return the smallest number of frames in which the target fits."""
    return len(target) + sum(a == b for a, b in itertools.pairwise(target))


def padded(rng, targets, symbols):
    """Return targets as one tensor, filled up with random symbols."""
    rows = rng.randint(0, symbols, (len(targets), max(map(len, targets)) + 1))
    for row, target in zip(rows, targets, strict=True):
        row[: len(target)] = torch.tensor(target, dtype=torch.int64)
    return rows


def lengths_of(targets):
    """Return the lengths of the targets as a tensor."""
    return torch.tensor([len(target) for target in targets])


@check(
    points=2,
    zh="对随机目标，fits 与“有没有一条路径”一致；空白是别的符号时，ctc_brute 也正确。",
    hint="Each pair of equal neighbours needs one frame more. blank is an argument, not always 0, "
    "and an empty target is said by the path of blanks alone.",
    hint_zh="每一对相邻的相同标签都要多占一帧。blank 是参数，不一定是 0；"
    "空目标只对应全是空白的那条路径。",
)
def test_fits_and_ctc_brute_for_any_target_and_blank(submission, rng):
    """fits agrees with the paths that there are, and ctc_brute is right for any blank."""
    targets = [with_repeats(rng, rng.integer(3, 9), 3, 0) for _ in range(15)]
    targets += [drawn_target(rng, length, 4, 0) for length in range(5)]
    exact = [needed(target) for target in targets]
    short = [length - 1 for length in exact]
    expected = [True] * len(targets) + [False] * len(targets)
    assert_equal(submission.run(all_fits, targets * 2, exact + short), expected)
    for target, blank in [([0, 1], 2), ([2, 2], 1), ([], 1), ([0, 2, 0], 1)]:
        log_probs = rng.randn(4, 3, dtype=torch.float64).log_softmax(1)
        loss = loss_by_matrices(log_probs, target, blank)
        assert_tensor(submission.ctc_brute(log_probs, target, blank), loss)


@check(
    points=3,
    zh="几十帧的长序列、任何空白、重复标签以及不连续的输入，ctc_forward 都能算对。",
    hint="blank may be any symbol, a target may fill all frames or be empty, and a step over a "
    "blank is allowed only between labels that differ.",
    hint_zh="blank 可以是任何符号；目标可能占满所有帧，也可能为空；"
    "只有两个不同的标签之间才能跳过空白。",
)
def test_ctc_forward_on_long_sequences(submission, rng):
    """ctc_forward is right for dozens of frames, any blank, repeats, and inputs that are views."""
    cases = [(50, 20, rng.integer(10, 15), 0), (24, 6, 9, 5), (9, 3, 4, 1)]
    cases = [(T, C, with_repeats(rng, length, C, blank), blank) for T, C, length, blank in cases]
    tight = with_repeats(rng, 6, 4, 3)
    cases += [(needed(tight), 4, tight, 3), (6, 4, [], 2)]
    columns = [rng.randn(C, T, dtype=torch.float64).log_softmax(0) for T, C, _, _ in cases]
    targets, blanks = [case[2] for case in cases], [case[3] for case in cases]
    results = submission.run(forward_of_columns, columns, targets, blanks)
    assert_equal(len(results), len(cases))
    for result, x, target, blank in zip(results, columns, targets, blanks, strict=True):
        assert_tensor(result, loss_by_matrices(x.t(), target, blank))


@check(
    points=2,
    zh="在 200 帧、概率极小时，ctc_forward 仍然有限而且正确。",
    hint="A product of hundreds of probabilities is 0 for the computer. Add logarithms instead, "
    "and join paths by logsumexp.",
    hint_zh="几百个概率的乘积在计算机里就是 0。要用对数相加，并用 logsumexp 合并路径。",
)
def test_ctc_forward_does_not_underflow(submission, rng):
    """ctc_forward stays finite and right for 200 frames of small probabilities."""
    # Near enough to each other that probabilities which are rescaled after each frame can do it.
    log_probs = rng.randn(200, 40).log_softmax(1)
    target = drawn_target(rng, 3, 40, 0)
    expected = loss_by_matrices(log_probs, target)
    product = Mistake(
        torch.tensor(torch.inf),
        en="The probability became 0 on the way, although it is only very small.",
        zh="概率在计算途中变成了 0，其实它只是非常小。",
    )
    result = submission.ctc_forward(log_probs, target)
    assert_tensor(result, expected, rtol=1e-4, mistakes=[product])


@check(
    points=3,
    zh="ctc_forward 的梯度（经过 log_softmax 传到 logits）正确，而且处处有限。",
    hint="A logsumexp over nothing but -inf has the gradient nan. Leave such states out, or let "
    "a very negative number such as -1e30 stand for -inf.",
    hint_zh="如果所有项都是 -inf，logsumexp 的梯度就是 nan。把这些状态略去，"
    "或者用 -1e30 这样很小的数代替 -inf。",
)
def test_gradients_of_ctc_forward(submission, rng):
    """The gradients of ctc_forward, taken back through log_softmax, are right and finite."""
    cases = [(12, 5, 4, 0), (8, 3, 4, 2), (3, 4, 1, 1), (1, 3, 1, 0)]
    logits = [rng.randn(T, C, dtype=torch.float64) for T, C, _, _ in cases]
    targets = [drawn_target(rng, length, C, blank) for _, C, length, blank in cases]
    blanks = [blank for _, _, _, blank in cases]
    results = submission.run(forward_gradients, logits, targets, blanks)
    assert_equal(len(results), len(logits))
    for result, z, target, blank in zip(results, logits, targets, blanks, strict=True):
        leaf = z.clone().requires_grad_()
        loss = loss_by_matrices(leaf.log_softmax(1), target, blank)
        (expected,) = torch.autograd.grad(loss, leaf)
        assert_tensor(result, expected)


@check(
    points=3,
    zh="目标无论补齐还是首尾相接，帧数各不相同，ctc_loss 都给出同样正确的损失。",
    hint="Example n has input_lengths[n] frames and target_lengths[n] labels; nothing behind them "
    "counts. In a 1-d tensor each target begins where the one before it ends.",
    hint_zh="第 n 个样本有 input_lengths[n] 帧、target_lengths[n] 个标签，后面的都不算。"
    "在一维张量里，每个目标从前一个结束的地方开始。",
)
def test_ctc_loss_of_padded_and_packed_targets(submission, rng):
    """ctc_loss gives the same right losses for padded and packed targets of many lengths."""
    for blank in (0, 4):
        log_probs = rng.randn(8, 4, 5, dtype=torch.float64).log_softmax(2)
        targets = [drawn_target(rng, length, 5, blank) for length in (3, 1, 4, 2)]
        frames = torch.tensor([6, 5, 8, 3])
        losses = torch.stack(
            [
                loss_by_matrices(log_probs[: frames[n], n], target, blank)
                for n, target in enumerate(targets)
            ]
        )
        packed = torch.tensor([label for target in targets for label in target])
        for labels in (padded(rng, targets, 5), packed):
            arguments = [log_probs, labels, frames, lengths_of(targets), blank]
            assert_tensor(submission.ctc_loss(*arguments, "none"), losses)
            assert_tensor(submission.ctc_loss(*arguments, "sum"), losses.sum())


@check(
    points=2,
    zh='reduction="mean" 先把每个损失除以目标长度（空目标除以 1），再对整批取平均；梯度也是如此。',
    hint="Divide each loss by its own target length, at least 1, before the mean over the batch.",
    hint_zh="对整批取平均之前，每个损失先除以自己的目标长度，至少除以 1。",
)
def test_mean_divides_by_the_target_lengths(submission, rng):
    """The mean divides each loss by its target length first, by 1 for an empty target."""
    logits = rng.randn(7, 3, 4, dtype=torch.float64)
    targets = [drawn_target(rng, length, 4, 0) for length in (4, 0, 2)]
    lengths = [torch.tensor([7, 7, 7]), lengths_of(targets)]
    leaf = logits.clone().requires_grad_()
    log_probs = leaf.log_softmax(2)
    losses = torch.stack([loss_by_matrices(log_probs[:, n], t) for n, t in enumerate(targets)])
    expected = (losses / torch.tensor([4, 1, 2])).mean()
    (gradient,) = torch.autograd.grad(expected, leaf)
    mistakes = [
        Mistake(
            value.detach(),
            en="Each loss is divided by the length of its own target, and then averaged.",
            zh="每个损失要先除以自己的目标长度，然后再取平均。",
        )
        for value in (losses.mean(), losses.sum() / 6, losses.sum() / 7)
    ]
    arguments = [logits, padded(rng, targets, 4), lengths, {}]
    loss, received = submission.run(batch_gradient, *arguments)
    assert_tensor(loss, expected, mistakes=mistakes)
    assert_tensor(received, gradient)


@check(
    points=3,
    zh="放不下的目标损失为 inf；zero_infinity=True 时算作 0，也不传回梯度，其他样本不受影响。",
    hint="inf * 0 is nan, and so is a gradient that was nan before torch.where chose 0: an example "
    "that does not fit must not enter the recursion. Equal neighbours need a frame more to fit.",
    hint_zh="inf * 0 是 nan；先算出 nan 的梯度，再用 torch.where 选 0，梯度仍是 nan。"
    "放不下的样本根本不该进入递推；相邻的相同标签要多占一帧才放得下。",
)
def test_zero_infinity_silences_what_does_not_fit(submission, rng):
    """A target that does not fit gives inf, or with zero_infinity 0 and no gradient."""
    logits = rng.randn(5, 4, 4, dtype=torch.float64)
    label = rng.integer(1, 4)
    targets = [drawn_target(rng, 3, 4, 0), [label] * 4, [1, 2], [3, 2, 1, 2, 3, 1]]
    frames, lengths = torch.tensor([5, 5, 5, 5]), lengths_of(targets)
    leaf = logits.clone().requires_grad_()
    log_probs = leaf.log_softmax(2)
    losses = [loss_by_matrices(log_probs[:, n], targets[n]) for n in (0, 2)]
    zero, inf = torch.zeros((), dtype=torch.float64), torch.tensor(torch.inf).double()
    expected = losses[0] + losses[1]
    (gradient,) = torch.autograd.grad(expected, leaf)
    rows = padded(rng, targets, 4)
    arguments = [log_probs.detach(), rows, frames, lengths, 0]
    result = submission.ctc_loss(*arguments, "none")
    assert_tensor(result, torch.stack([losses[0], inf, losses[1], inf]))
    assert_tensor(submission.ctc_loss(*arguments), inf)
    result = submission.ctc_loss(*arguments, "none", zero_infinity=True)
    assert_tensor(result, torch.stack([losses[0], zero, losses[1], zero]))
    options = {"reduction": "sum", "zero_infinity": True}
    loss, received = submission.run(batch_gradient, logits, rows, [frames, lengths], options)
    assert_tensor(loss, expected)
    assert_tensor(received, gradient)


@check(
    points=1,
    zh="三个损失函数的结果都与 log_probs 的 dtype 相同，结果为 inf 时也是。",
    hint="log_probs.new_tensor and log_probs.new_zeros keep dtype and device; torch.tensor of a "
    "float is float32.",
    hint_zh="log_probs.new_tensor 和 log_probs.new_zeros 沿用 dtype 和设备；"
    "用 torch.tensor 造出的浮点数是 float32。",
)
def test_losses_keep_the_dtype(submission, rng):
    """The three losses have the dtype of log_probs, also where they are inf."""
    for dtype in (torch.float32, torch.float64):
        log_probs = rng.randn(3, 3, dtype=dtype).log_softmax(1)
        for target in ([1, 2], [2, 1, 2, 1]):
            expected = loss_by_matrices(log_probs, target)
            assert_tensor(submission.ctc_brute(log_probs, target), expected)
            assert_tensor(submission.ctc_forward(log_probs, target), expected)
            batch = [log_probs[:, None], torch.tensor([target]), torch.tensor([3])]
            result = submission.ctc_loss(*batch, torch.tensor([len(target)]), 0, "sum")
            assert_tensor(result, expected)


@check(
    points=1,
    zh="不论空白是哪个符号，目标含有它时三个函数都抛出 ValueError；补齐的部分不算目标。",
    hint="Compare with the argument blank, in each of the three functions, and with the labels "
    "that count only.",
    hint_zh="三个函数都要与参数 blank 比较，而且只看真正算数的标签。",
)
def test_every_loss_refuses_a_blank_in_the_target(submission, rng):
    """The three losses raise ValueError for a target with a blank, whichever symbol it is."""
    log_probs = rng.randn(4, 3).log_softmax(1)
    for name in ("ctc_brute", "ctc_forward"):
        with raises(ValueError):
            getattr(submission, name)(log_probs, [0, 2], 2)
    batch = [log_probs[:, None], torch.tensor([[0, 2]]), torch.tensor([4])]
    with raises(ValueError):
        submission.ctc_loss(*batch, torch.tensor([2]), 2)
    assert_tensor(
        submission.ctc_loss(*batch, torch.tensor([1]), 2), loss_by_matrices(log_probs, [0], 2)
    )
