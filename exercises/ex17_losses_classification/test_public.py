"""Public checks of ex17_losses_classification: the numbers of the notes."""

import math

import torch

from grader.checks import Mistake, assert_tensor, check, raises

SCORES = torch.tensor([[0.1, 0.2, 0.3]])


@check(
    points=1,
    zh="log_softmax 对 [0.1, 0.2, 0.3] 给出 [-1.2019, -1.1019, -1.0019]，并沿 dim 计算。",
    hint="Subtract one number per row or column: the logarithm of the sum of the exponentials.",
    hint_zh="每一行（或列）只减去一个数：各个 exp 之和的对数。dim 决定沿哪个方向求和。",
)
def test_log_softmax_of_three_scores(submission):
    """log_softmax of [0.1, 0.2, 0.3] is [-1.2019, -1.1019, -1.0019], and runs along dim."""
    expected = torch.tensor([[-1.2019, -1.1019, -1.0019]])
    assert_tensor(submission.log_softmax(SCORES, 1), expected, rtol=0, atol=1e-4)
    columns, expected = (torch.cat([row, row.flip(1)]).t() for row in (SCORES, expected))
    assert_tensor(submission.log_softmax(columns, 0), expected, rtol=0, atol=1e-4)


@check(
    points=1,
    zh="cross_entropy 对 [0.1, 0.2, 0.3]、类别 1 给出 1.1019，对 C 个相同的得分给出 ln C。",
    hint="The loss of a row is -log_softmax(row)[target]. The scores go in raw, without a softmax.",
    hint_zh="一行的损失是 -log_softmax(row)[target]。得分原样传入，前面不要再加 softmax。",
)
def test_cross_entropy_of_the_notes(submission):
    """cross_entropy is 1.1019 for [0.1, 0.2, 0.3], class 1, and ln C for C equal scores."""
    twice = Mistake(
        torch.tensor(0.5516016),
        en="This is the loss after an extra softmax. cross_entropy takes raw scores.",
        zh="这是先多做了一次 softmax 的结果。cross_entropy 接收的是原始得分。",
    )
    loss = submission.cross_entropy(torch.tensor([[9.0, 0, 0]]), torch.tensor([0]))
    expected = torch.tensor(math.log(1 + 2 * math.exp(-9)))
    assert_tensor(loss, expected, rtol=0, atol=1e-5, mistakes=[twice])
    loss = submission.cross_entropy(SCORES, torch.tensor([1]))
    assert_tensor(loss, torch.tensor(1.1019), rtol=0, atol=1e-4)
    for classes in (2, 10):
        loss = submission.cross_entropy(torch.full((3, classes), 0.7), torch.tensor([0, 1, 1]))
        assert_tensor(loss, torch.tensor(math.log(classes)))


@check(
    points=1,
    zh="bce([0.9, 0.2], [1, 0]) 为 0.1643；bce_with_logits 对 ln 9 和 -ln 4 也一样。",
    hint="For y = 1 only -log(p) is left, for y = 0 only -log(1 - p): (0.1054 + 0.2231) / 2.",
    hint_zh="y = 1 时只剩 -log(p)，y = 0 时只剩 -log(1 - p)：(0.1054 + 0.2231) / 2。",
)
def test_bce_of_the_notes(submission):
    """bce([0.9, 0.2], [1, 0]) is 0.1643, and bce_with_logits of ln 9 and -ln 4 is the same."""
    p, z, y = torch.tensor([[0.9, 0.2], [math.log(9), -math.log(4)], [1, 0]])
    expected = torch.tensor((-math.log(0.9) - math.log(0.8)) / 2)
    swapped = Mistake(
        torch.tensor(15.0),
        en="This is the loss with the two arguments swapped: y stands inside the logarithm.",
        zh="这是概率和标签放反了的结果：对数里面应该是 p，而不是 y。",
    )
    assert_tensor(submission.bce(p, y), expected, mistakes=[swapped])
    assert_tensor(submission.bce_with_logits(z, y), expected)


@check(
    points=1,
    zh="reduction 为 none 时保留每一个损失，sum 是它们的和，mean 是平均；其他写法抛出 ValueError。",
    hint='One helper for all three losses: "none", "sum", "mean", and after these a raise.',
    hint_zh="三个损失可以共用一个辅助函数：依次处理 none、sum、mean，都不是就 raise。",
)
def test_reductions(submission):
    """Reduction "none" keeps the single losses, "sum" adds them, and a misspelt one is refused."""
    p = torch.tensor([[0.9, 0.2, 0.5]])
    y = torch.tensor([[1.0, 0.0, 1.0]])
    single = torch.tensor([[-math.log(0.9), -math.log(0.8), math.log(2)]])
    scores, target = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1])
    rows = torch.tensor([0.313262, 1.313262])
    for function, inputs, losses in [
        (submission.bce, (p, y), single),
        (submission.bce_with_logits, (torch.log(p / (1 - p)), y), single),
        (submission.cross_entropy, (scores, target), rows),
    ]:
        assert_tensor(function(*inputs, reduction="none"), losses)
        assert_tensor(function(*inputs, reduction="sum"), losses.sum())
        assert_tensor(function(*inputs, reduction="mean"), losses.mean())
        with raises(ValueError):
            function(*inputs, reduction="average")


@check(
    points=1,
    zh="概率超出 [0, 1]、类别编号是小数、参数顺序颠倒时，都抛出 ValueError。",
    hint="Look at the shapes, the dtype of target and the numbers of p before you compute.",
    hint_zh="计算之前先检查形状、target 的 dtype，以及 p 的取值范围，不合适就自己 raise。",
)
def test_what_is_refused(submission):
    """Raw scores in bce, class numbers as floats and swapped arguments raise ValueError."""
    with raises(ValueError):
        submission.bce(torch.tensor([2.2, -1.4]), torch.tensor([1.0, 0.0]))
    with raises(ValueError):
        submission.cross_entropy(SCORES, torch.tensor([1.0]))
    with raises(ValueError):
        submission.cross_entropy(torch.tensor([1]), SCORES)
