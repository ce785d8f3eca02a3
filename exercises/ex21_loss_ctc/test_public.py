"""Public checks of ex21_loss_ctc: paths that can be counted on paper."""

import itertools

import torch

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe, raises


@probe
def all_collapsed(student, paths, blank):
    """Return collapse of every path."""
    return [student.collapse(path, blank) for path in paths]


def told_by(path, blank):
    """Return what a path says."""
    merged = path[:1] + [b for a, b in itertools.pairwise(path) if a != b]
    return [label for label in merged if label != blank]


def loss_by_paths(log_probs, target, blank=0):
    """Return -log of the summed probability of all paths that say the target."""
    frames, symbols = log_probs.shape
    paths = torch.tensor(list(itertools.product(range(symbols), repeat=frames)))
    says = torch.tensor([told_by(path, blank) == target for path in paths.tolist()])
    rows = torch.arange(frames)
    return -log_probs.exp()[rows, paths].prod(1)[says].sum().log()


@check(
    points=1,
    zh="collapse 先合并相邻的相同符号，再去掉空白：[1, 1, 0, 1, 2, 2] 表示 [1, 1, 2]。",
    hint="A blank between two equal labels keeps them apart, so it must still be there when equal "
    "neighbours are merged.",
    hint_zh="两个相同标签之间的空白把它们隔开，所以合并相邻的相同符号时，空白必须还在。",
)
def test_collapse_merges_first(submission, rng):
    """collapse merges equal neighbours, then drops blanks: [1, 1, 0, 1, 2, 2] says [1, 1, 2]."""
    assert_equal(submission.collapse([1, 1, 0, 1, 2, 2]), [1, 1, 2])
    assert_equal(submission.collapse([]), [])
    paths = [[0, 0, 0], [3, 0, 0, 3, 3], *rng.randint(0, 4, (20, 9)).tolist()]
    for blank in (0, 3):
        expected = [told_by(path, blank) for path in paths]
        assert_equal(submission.run(all_collapsed, paths, blank), expected)


@check(
    points=1,
    zh="fits 知道相邻的相同标签之间还要留一帧给空白：[1, 1, 2] 需要 4 帧。",
    hint="One frame for each label, and one more wherever a label equals the one before it.",
    hint_zh="每个标签一帧；凡是与前一个标签相同的，再多一帧。",
)
def test_fits_leaves_room_for_blanks(submission):
    """fits knows that equal neighbours need a frame between them: [1, 1, 2] needs 4."""
    assert_equal(submission.fits([1, 1, 2], 3), expected=False)
    assert_equal(submission.fits([1, 1, 2], 4), expected=True)
    assert_equal(submission.fits([1, 2, 1], 3), expected=True)
    assert_equal(submission.fits([5, 5, 5, 5], 6), expected=False)
    assert_equal(submission.fits([], 0), expected=True)


@check(
    points=1,
    zh="pack_targets 把各个目标首尾相接，并给出长度；都是 int64，没有目标时也一样。",
    hint="torch.tensor of an empty list is float32 unless you say the dtype.",
    hint_zh="不指定 dtype 时，对空列表调用 torch.tensor 得到的是 float32。",
)
def test_pack_targets_joins_the_labels(submission):
    """pack_targets joins the labels and tells the lengths, in int64, also where there are none."""
    labels, lengths = submission.pack_targets([[3, 1, 4], [], [1, 5]])
    assert_tensor(labels, torch.tensor([3, 1, 4, 1, 5]))
    assert_tensor(lengths, torch.tensor([3, 0, 2]))
    for targets in ([], [[], []]):
        labels, lengths = submission.pack_targets(targets)
        assert_tensor(labels, torch.empty(0, dtype=torch.int64))
        assert_tensor(lengths, torch.zeros(len(targets), dtype=torch.int64))


@check(
    points=1,
    zh="ctc_brute 在 README 的两帧上得到 -ln(0.88)；[1, 1] 放不进两帧，损失为 inf，三帧则可以。",
    hint="itertools.product gives all paths. Add the log-probabilities along a path, and the "
    "probabilities (torch.logsumexp) of all paths that collapse to the target.",
    hint_zh="itertools.product 给出所有路径。沿一条路径把对数概率相加；"
    "凡是收缩后等于目标的路径，把它们的概率相加（torch.logsumexp）。",
)
def test_ctc_brute_on_frames_that_can_be_counted(submission, rng):
    """ctc_brute gives -ln(0.88) for the README's two frames, and inf for [1, 1] in two frames."""
    log_probs = torch.tensor([[0.4, 0.6], [0.3, 0.7]]).log()
    assert_tensor(submission.ctc_brute(log_probs, [1]), torch.tensor(0.88).log().neg())
    assert_tensor(submission.ctc_brute(log_probs, [1, 1]), torch.tensor(torch.inf))
    log_probs = rng.randn(3, 3).log_softmax(1)
    expected = -(log_probs[0, 1] + log_probs[1, 0] + log_probs[2, 1])
    assert_tensor(submission.ctc_brute(log_probs, [1, 1]), expected)


@check(
    points=2,
    zh="对最多五帧、三个符号，ctc_forward 等于所有路径之和，有重复标签和放不下的目标时也一样。",
    hint="States are blank, label, blank, label, ..., blank. A state is reached from itself, from "
    "the one before, and from two before it if both are labels and differ. A path may end in the "
    "last label or in the blank behind it.",
    hint_zh="状态依次是空白、标签、空白、标签、……、空白。一个状态可以从自身、从前一个状态到达；"
    "若它与前两位的状态是两个不同的标签，也可以从那里跳过来。路径可以停在最后一个标签，"
    "也可以停在它后面的空白。",
)
def test_ctc_forward_equals_the_sum_over_all_paths(submission, rng):
    """ctc_forward equals the sum over all paths for up to five frames and three symbols."""
    cases = [(1, [2]), (2, [1]), (3, [1, 2]), (4, [2, 2]), (5, [1, 2, 1]), (5, [1, 1, 2])]
    cases += [(4, [])]
    for frames, target in cases:
        log_probs = rng.randn(frames, 3, dtype=torch.float64).log_softmax(1)
        expected = loss_by_paths(log_probs, target)
        assert_tensor(submission.ctc_forward(log_probs, target), expected)
    log_probs = rng.randn(3, 3).log_softmax(1)
    assert_tensor(submission.ctc_forward(log_probs, [2, 2, 1]), torch.tensor(torch.inf))


@check(
    points=2,
    zh="对三个样本的一批数据，ctc_loss 的三种 reduction 都与 torch.nn.functional.ctc_loss 相同。",
    hint='"mean" divides every loss by the length of its target before it averages over the batch.',
    hint_zh='"mean" 先把每个损失除以它的目标长度，再对整批取平均。',
)
def test_ctc_loss_on_a_batch(submission, rng):
    """ctc_loss gives what PyTorch gives for a batch of three, with each of the reductions."""
    log_probs = rng.randn(7, 3, 4, dtype=torch.float64).log_softmax(2)
    targets = torch.tensor([[1, 2, 3], [3, 0, 0], [2, 1, 0]])
    input_lengths, target_lengths = torch.tensor([7, 7, 7]), torch.tensor([3, 1, 2])
    arguments = [log_probs, targets, input_lengths, target_lengths]
    losses = torch.nn.functional.ctc_loss(*arguments, reduction="none")
    assert_tensor(submission.ctc_loss(*arguments, reduction="none"), losses)
    assert_tensor(submission.ctc_loss(*arguments, reduction="sum"), losses.sum())
    plain = Mistake(
        losses.mean(),
        en="This is the mean of the losses. Each of them is divided by its target length first.",
        zh="这是各个损失的平均。每个损失要先除以自己的目标长度。",
    )
    expected = (losses / torch.tensor([3, 1, 2])).mean()
    assert_tensor(submission.ctc_loss(*arguments), expected, mistakes=[plain])


@check(
    points=1,
    zh="目标里含有空白时，ctc_forward 抛出 ValueError；不认识的 reduction 让 ctc_loss 抛出它。",
    hint="A blank is no label: look for it before the recursion begins.",
    hint_zh="空白不是标签：递推开始之前先检查目标里有没有它。",
)
def test_a_blank_is_no_label(submission, rng):
    """ctc_forward raises ValueError for a target with a blank, ctc_loss for an odd reduction."""
    log_probs = rng.randn(5, 4).log_softmax(1)
    with raises(ValueError):
        submission.ctc_forward(log_probs, [1, 0, 2])
    one = torch.tensor([1])
    with raises(ValueError):
        submission.ctc_loss(log_probs[:, None], one[None], one, one, reduction="max")
