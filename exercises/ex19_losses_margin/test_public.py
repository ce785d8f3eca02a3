"""Public checks of ex19_losses_margin: the numbers of the notes, and PyTorch's own losses."""

import torch
from torch import nn

from grader.checks import Mistake, assert_close, assert_tensor, check, raises

LABELS = torch.tensor([[3, 0, -1, 1]])
SCORES = torch.tensor([[0.3, 0.7], [0.5, 0.5]])
SIGNS = torch.tensor([[-1.0, 1.0], [1.0, -1.0]])


def random_signs(rng, *shape):
    """Return numbers 1 and -1."""
    return 2.0 * rng.randint(0, 2, shape) - 1


def random_labels(rng, rows, classes):
    """Return a list of labels for each row, filled up with -1: at least one of each."""
    y = torch.full((rows, classes), -1)
    for row in y:
        count = rng.integer(1, classes)
        row[:count] = rng.permutation(classes)[:count]
    return y


@check(
    points=1,
    zh="margin_ranking 让该领先的分数领先：笔记中的例子，以及间隔为 0.5 的几种情况。",
    hint="With y = 1 the gap is x1 - x2, with y = -1 it is x2 - x1. The loss is what is missing "
    "from the margin, and never negative.",
    hint_zh="y = 1 时差距是 x1 - x2，y = -1 时是 x2 - x1。损失就是离间隔还差多少，且从不为负。",
)
def test_margin_ranking_compares_two_scores(submission):
    """margin_ranking costs nothing where the right score leads by the margin, 0 or 0.5."""
    x1, x2 = torch.tensor([5.0, -5.0, 5.0]), torch.tensor([-5.0, 5.0, -5.0])
    y = torch.tensor([1.0, 1.0, -1.0])
    turned = Mistake(
        torch.tensor([10.0, 0.0, 0.0]),
        en="The order is turned around: with y = 1 it is x1 that should be the larger one.",
        zh="高低弄反了：y = 1 时，应该更大的是 x1。",
    )
    losses = submission.margin_ranking(x1, x2, y, reduction="none")
    assert_tensor(losses, torch.tensor([0.0, 10.0, 10.0]), mistakes=[turned])
    x1, x2 = torch.tensor([0.7, 0.7, 0.9]), torch.tensor([0.5, 0.5, 0.3])
    losses = submission.margin_ranking(x1, x2, torch.tensor([1.0, -1.0, 1.0]), 0.5, "none")
    assert_tensor(losses, torch.tensor([0.3, 0.7, 0.0]))


@check(
    points=1,
    zh="multilabel_margin 得到笔记中的 0.45；把第一个分数换成 0.1 后得到 0.85。",
    hint="Four hinges: labels 3 and 0, each against the classes 1 and 2. The 1 stands behind -1.",
    hint_zh="一共四个合页：标签 3 和 0，各自与类别 1 和 2 比较。那个 1 在 -1 之后，不算。",
)
def test_multilabel_margin_on_the_row_of_the_notes(submission):
    """multilabel_margin gives 0.45 for the row of the notes, and 0.85 if its first score is 0.1."""
    printed = Mistake(
        torch.tensor(0.0),
        en="This is what the formula in the notes gives. x[i] belongs to the gap: "
        "1 - (x[j] - x[i]).",
        zh="这是照笔记里印的公式算出来的。x[i] 属于差距的一部分：1 - (x[j] - x[i])。",
    )
    whole = Mistake(
        torch.tensor(0.575),
        en="All numbers of y were taken for labels except -1 itself. The list ends at the first "
        "-1; what stands behind it means nothing.",
        zh="除了 -1 本身，y 里的数都被当成了标签。其实列表到第一个 -1 就结束了，后面的没有意义。",
    )
    row = torch.tensor([[0.9, 0.2, 0.4, 0.8]])
    mistakes = [printed, whole]
    assert_tensor(submission.multilabel_margin(row, LABELS), torch.tensor(0.45), mistakes=mistakes)
    row = torch.tensor([[0.1, 0.2, 0.4, 0.8]])
    assert_tensor(submission.multilabel_margin(row, LABELS), torch.tensor(0.85))


@check(
    points=1,
    zh="soft_margin 对笔记中的 2x2 分数得到 0.6764（四位小数）。",
    hint="Four elements, so four losses; the mean divides by 4.",
    hint_zh="四个元素就有四个损失，求平均时除以 4。",
)
def test_soft_margin_on_the_scores_of_the_notes(submission):
    """soft_margin gives 0.6764 for the 2x2 scores of the notes, to four digits."""
    by_rows = Mistake(
        torch.tensor(1.3529),
        en="The sum was divided by the number of rows. Each element has a loss of its own here.",
        zh="总和除以了行数。这里每个元素各有一个损失。",
    )
    loss = submission.soft_margin(SCORES, SIGNS)
    assert_tensor(loss, torch.tensor(0.6764), rtol=0, atol=1e-4, mistakes=[by_rows])


@check(
    points=1,
    zh="multi_margin 对笔记中的两行分数得到 0.6。",
    hint="Row 0 lacks 1.4 and row 1 lacks 1; each is divided by C = 2, then comes the mean.",
    hint_zh="第 0 行差 1.4，第 1 行差 1；各自除以 C = 2，然后求平均。",
)
def test_multi_margin_on_the_scores_of_the_notes(submission):
    """multi_margin gives 0.6 for the two rows of the notes."""
    with_itself = Mistake(
        torch.tensor(1.1),
        en="The right class was compared with itself too, which adds the margin to every row. "
        "Leave out i = y.",
        zh="正确的类别也和它自己比较了，每行因此多出一个间隔。i = y 时不要算。",
    )
    loss = submission.multi_margin(SCORES, torch.tensor([0, 1]))
    assert_tensor(loss, torch.tensor(0.6), mistakes=[with_itself])


@check(
    points=2,
    zh='四个函数的三种 reduction 都与 PyTorch 的损失一致；"none" 保留各个损失。',
    hint='Where "none" is wrong already, look at the formula. If only "sum" or "mean" is: they '
    "add up all the losses, and divide by how many there are. One small helper serves all four.",
    hint_zh='如果 "none" 已经不对，问题在公式里。只有 "sum" 或 "mean" 不对时：'
    "它们把所有损失加起来，再除以个数。写一个小的辅助函数，四处都能用。",
)
def test_reductions_equal_those_of_torch(submission, rng):
    """All three reductions of the four losses equal those of PyTorch's own losses."""
    x1, x2, y = rng.randn(2, 5), rng.randn(2, 5), random_signs(rng, 2, 5)
    x, labels, right = rng.randn(6, 4), random_labels(rng, 6, 4), rng.randint(0, 4, (6,))
    cases = {
        "margin_ranking": ([x1, x2, y], nn.functional.margin_ranking_loss),
        "multilabel_margin": ([x, labels], nn.functional.multilabel_margin_loss),
        "soft_margin": ([x1, y], nn.functional.soft_margin_loss),
        "multi_margin": ([x, right], nn.functional.multi_margin_loss),
    }
    results, expected = {}, {}
    for name, (inputs, loss) in cases.items():
        for way in ("none", "sum", "mean"):
            results[f"{name}: {way}"] = getattr(submission, name)(*inputs, reduction=way)
            expected[f"{name}: {way}"] = loss(*inputs, reduction=way)
    assert_close(results, expected)  # which says in which of them the first difference is


@check(
    points=1,
    zh="reduction 的值不认识时，四个函数都抛出 ValueError。",
    hint="An `else: return losses.mean()` would take every misspelt word for the mean.",
    hint_zh="如果写成 `else: return losses.mean()`，任何拼错的词都会被当作求平均。",
)
def test_unknown_reductions_are_refused(submission, rng):
    """All four losses raise ValueError for a reduction that they do not know."""
    x, y = rng.randn(2, 3), random_signs(rng, 2, 3)
    with raises(ValueError):
        submission.margin_ranking(x, -x, y, reduction="average")
    with raises(ValueError):
        submission.soft_margin(x, y, reduction="average")
    with raises(ValueError):
        submission.multilabel_margin(x, random_labels(rng, 2, 3), reduction="average")
    with raises(ValueError):
        submission.multi_margin(x, rng.randint(0, 3, (2,)), reduction="average")
