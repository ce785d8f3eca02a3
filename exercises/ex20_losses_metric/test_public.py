"""Public checks of ex20_losses_metric: the numbers of the README, and PyTorch's own losses."""

import torch
from torch import nn

from grader.checks import Mistake, assert_close, assert_tensor, check, gradients, raises

ANCHOR = torch.tensor([[0.0, 0.0]])
POSITIVE = torch.tensor([[3.0, 4.0]])
NEGATIVE = torch.tensor([[0.0, 5.5]])


def random_signs(rng, *shape):
    """Return numbers 1 and -1."""
    return 2.0 * rng.randint(0, 2, shape) - 1


@check(
    points=1,
    zh="(0, 0) 到 (3, 4) 的距离：p = 1、2、3 时分别是 7、5、4.498。",
    hint="Raise to the power p, add up along the last dimension, and then take the p-th root.",
    hint_zh="先取 p 次方，沿最后一维求和，最后还要开 p 次方根。",
)
def test_pairwise_distance_of_three_and_four(submission):
    """The distance of (0, 0) and (3, 4) is 7, 5 and 4.498 for p = 1, 2 and 3."""
    for p, distance in [(1.0, 7.0), (2.0, 5.0), (3.0, 91 ** (1 / 3))]:
        without_root = Mistake(
            torch.tensor([distance**p]) if p > 1 else torch.tensor([torch.nan]),
            en="This is the distance without its root.",
            zh="这是没有开方的距离。",
        )
        result = submission.pairwise_distance(ANCHOR, POSITIVE, p)
        assert_tensor(result, torch.tensor([distance]), atol=1e-4, mistakes=[without_root])


@check(
    points=1,
    zh="triplet 对例子中的三个向量得到 0.5，用 swap 时得到 2.646；负例足够远时得到 0。",
    hint="d(a, p) = 5, d(a, n) = 5.5 and d(p, n) = 3.354. With swap the smaller one of the last "
    "two counts. The loss is never negative.",
    hint_zh="d(a, p) = 5，d(a, n) = 5.5，d(p, n) = 3.354。用 swap 时取后两者中较小的。"
    "损失从不为负。",
)
def test_triplet_on_three_and_four(submission):
    """triplet gives 0.5 for the example, 2.646 with swap, and 0 if the negative is far enough."""
    loss = submission.triplet(ANCHOR, POSITIVE, NEGATIVE)
    assert_tensor(loss, torch.tensor(0.5), atol=1e-4)
    loss = submission.triplet(ANCHOR, POSITIVE, NEGATIVE, swap=True)
    assert_tensor(loss, torch.tensor(6 - 11.25**0.5), atol=1e-4)
    loss = submission.triplet(ANCHOR, POSITIVE, torch.tensor([[0.0, -9.0]]), swap=True)
    assert_tensor(loss, torch.tensor(0.0), atol=1e-4)


@check(
    points=1,
    zh="hinge_embedding 得到笔记中的 0.7667；不相似且距离已超过间隔的一对，损失为 0。",
    hint="x itself where y is 1; where y is -1, what x lacks to the margin, and never less than 0.",
    hint_zh="y = 1 时就是 x 本身；y = -1 时是 x 离间隔还差多少，不小于 0。",
)
def test_hinge_embedding_on_the_distances_of_the_notes(submission):
    """hinge_embedding gives the notes' 0.7667, and 0 for unlike pairs beyond the margin."""
    loss = submission.hinge_embedding(torch.tensor([1.0, 0.8, 0.5]), torch.tensor([1.0, 1, -1]))
    assert_tensor(loss, torch.tensor(2.3 / 3))
    x, y = torch.tensor([3.0, 0.25, 1.5]), torch.tensor([-1.0, -1, 1])
    expected = torch.tensor([0.0, 0.75, 1.5])
    assert_tensor(submission.hinge_embedding(x, y, reduction="none"), expected)


@check(
    points=1,
    zh="cosine_embedding 对笔记中的两行得到 0.0167 和 0.9833，平均 0.5（四位小数）。",
    hint="Both rows have the cosine 0.9833. The first should be alike and costs 1 - cos; the "
    "second should not, and costs what cos has above the margin.",
    hint_zh="两行的余弦都是 0.9833。第一行应当相似，损失是 1 - cos；"
    "第二行不应相似，损失是 cos 超出间隔的部分。",
)
def test_cosine_embedding_on_the_rows_of_the_notes(submission):
    """cosine_embedding gives 0.0167 and 0.9833 for the notes' two rows, and 0.5 as their mean."""
    x1, x2 = torch.tensor([[0.3, 0.5, 0.7]] * 2), torch.tensor([[0.1, 0.3, 0.5]] * 2)
    y = torch.tensor([1.0, -1.0])
    never_apart = Mistake(
        torch.tensor([0.0167, 0.0167]),
        en="Both rows cost 1 - cos. A row with y = -1 costs more, not less, the more alike its "
        "vectors are.",
        zh="两行都按 1 - cos 计算了。y = -1 的一行，两个向量越相似，损失应当越大，而不是越小。",
    )
    losses = submission.cosine_embedding(x1, x2, y, reduction="none")
    expected = torch.tensor([0.0167, 0.9833])
    assert_tensor(losses, expected, rtol=0, atol=1e-4, mistakes=[never_apart])
    loss = submission.cosine_embedding(x1, x2, y)
    assert_tensor(loss, torch.tensor(0.5), rtol=0, atol=1e-4)


@check(
    points=1,
    zh="沿负梯度走一步，锚点朝正例靠近，离负例更远。",
    hint="Is there a gradient at all? .item(), .detach(), numpy and new tensors made of numbers "
    "cut the graph. If there is one, look at the distance first.",
    hint_zh="到底有没有梯度？.item()、.detach()、numpy，以及用数值新建的张量，都会切断计算图。"
    "有梯度而数值不对，就先检查距离。",
)
def test_a_step_moves_the_anchor(submission, rng):
    """A step against its gradient moves the anchor to the positive and away from the negative."""
    anchor, positive, negative = rng.randn(1, 6), rng.randn(1, 6), rng.randn(1, 6)
    inputs = [anchor, positive, negative, 100.0]
    (slope,) = submission.run(gradients, "triplet", inputs, wrt=[0])
    # The slope of a distance is the arrow between both ends, with the length 1.
    from_positive, from_negative = anchor - positive, anchor - negative
    expected = from_positive / from_positive.norm() - from_negative / from_negative.norm()
    assert_tensor(slope, expected)


@check(
    points=2,
    zh='三种损失的三种 reduction 都与 PyTorch 的损失一致；"none" 保留各个损失。',
    hint='Where "none" is wrong already, look at the formula. The mean divides by the number of '
    "all losses, those that are 0 included.",
    hint_zh='如果 "none" 已经不对，问题在公式里。求平均时除以所有损失的个数，为 0 的也要算在内。',
)
def test_reductions_equal_those_of_torch(submission, rng):
    """All three reductions of the three losses equal those of PyTorch's own losses."""
    a, p, n = rng.randn(8, 3), rng.randn(8, 3), rng.randn(8, 3)
    x, signs, y = rng.rand(3, 4) * 2, random_signs(rng, 3, 4), random_signs(rng, 8)
    x[0, :2], signs[0, :2] = 1.7, -1.0  # such a loss is 0
    n[0] = p[0] + 9  # and so is this one
    cases = {
        "triplet": ([a, p, n], nn.functional.triplet_margin_loss),
        "hinge_embedding": ([x, signs], nn.functional.hinge_embedding_loss),
        "cosine_embedding": ([a, p, y], nn.functional.cosine_embedding_loss),
    }
    results, expected = {}, {}
    for name, (inputs, loss) in cases.items():
        for way in ("none", "sum", "mean"):
            results[f"{name}: {way}"] = getattr(submission, name)(*inputs, reduction=way)
            expected[f"{name}: {way}"] = loss(*inputs, reduction=way)
    assert_close(results, expected)  # which says in which of them the first difference is


@check(
    points=1,
    zh="reduction 的值不认识，或者 cosine_embedding 的目标形如 (1, 2) 时，抛出 ValueError。",
    hint="The target of the notes has one dimension too many: y has to be (N,). And an `else` "
    "would take every misspelt reduction for the mean.",
    hint_zh="笔记里的目标多了一维：y 应当是 (N,)。"
    "另外，用 `else` 会把任何拼错的 reduction 都当成求平均。",
)
def test_the_target_of_the_notes_is_refused(submission, rng):
    """ValueError is raised for the notes' target of shape (1, 2), and for unknown reductions."""
    x1, x2 = rng.randn(2, 3), rng.randn(2, 3)
    with raises(ValueError):
        submission.cosine_embedding(x1, x2, torch.tensor([[1.0, -1.0]]))
    with raises(ValueError):
        submission.cosine_embedding(x1, x2, torch.tensor([1.0, -1.0]), reduction="average")
    with raises(ValueError):
        submission.hinge_embedding(x1, torch.ones(2, 3), reduction="average")
    with raises(ValueError):
        submission.triplet(x1, x2, x1, reduction="average")
