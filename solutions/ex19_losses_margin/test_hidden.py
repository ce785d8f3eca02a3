"""Hidden checks of ex19_losses_margin: the formulas once more, one hinge after the other."""

import torch

from grader.checks import (
    Mistake,
    assert_equal,
    assert_tensor,
    check,
    describe,
    gradients,
    probe,
    raises,
)


def hinge(missing):
    """Return what is missing, or 0 where nothing is."""
    return missing * (missing > 0)


def reduced(losses, way):
    """Return a list of losses as one tensor, their sum, or their sum divided by their number."""
    losses = torch.stack(losses)
    return {"none": losses, "sum": losses.sum(), "mean": losses.sum() / len(losses)}[way]


def ranking_losses(x1, x2, y, margin=0.0):
    """Return the losses of margin_ranking, pair by pair."""
    pairs = zip(x1.flatten(), x2.flatten(), y.flatten().tolist(), strict=True)
    return [
        hinge(margin + (second - first if t > 0 else first - second)) for first, second, t in pairs
    ]


def soft_losses(x, y):
    """Return the losses of soft_margin: log(1 + exp(t)), for t > 0 as t + log(1 + exp(-t))."""
    gaps = (score if t > 0 else -score for score, t in zip(x.flatten(), y.flatten(), strict=True))
    return [(-gap if gap < 0 else 0) + torch.log1p((-abs(gap)).exp()) for gap in gaps]


def multilabel_losses(x, y):
    """Return the losses of multilabel_margin, label by label and class by class."""
    losses = []
    for scores, entries in zip(x, y.tolist(), strict=True):
        labels = [*entries, -1][: [*entries, -1].index(-1)]
        others = [i for i in range(len(entries)) if i not in labels]
        terms = [hinge(1 + scores[i] - scores[j]) for j in labels for i in others]
        losses.append(sum(terms, 0 * scores[0]) / len(entries))
    return losses


def multi_losses(x, y, p=1, margin=1.0, weight=None):
    """Return the losses of multi_margin, class by class."""
    losses = []
    for scores, right in zip(x, y.tolist(), strict=True):
        others = [i for i in range(len(scores)) if i != right]
        terms = [hinge(margin + scores[i] - scores[right]) ** p for i in others]
        factor = 1 if weight is None else weight[right]
        losses.append(factor * sum(terms) / len(scores))
    return losses


def slopes(losses, scores, upstream):
    """Return the gradients of the weighted sum of the losses with respect to the scores."""
    return torch.autograd.grad((torch.stack(losses) * upstream.flatten()).sum(), scores)


def random_signs(rng, *shape, dtype=torch.float32):
    """Return numbers 1 and -1."""
    return 2 * rng.randint(0, 2, shape).to(dtype) - 1


def random_labels(rng, counts, classes, *, junk=False):
    """Return a row for each count: so many labels, -1, and then more of -1 or any other classes."""
    y = torch.full((len(counts), classes), -1)
    for row, count in zip(y, counts, strict=True):
        order = rng.permutation(classes)
        row[:count] = order[:count]
        if junk:
            row[count + 1 :] = order[count + 1 :]
            row[-1] = order[0]  # a label, if there is one: it stays one, and counts once
    return y


def without_end(y):
    """Return the lists as one reads them who only skips the -1: all classes that are named."""
    lists = torch.full_like(y, -1)
    for row, entries in zip(lists, y, strict=True):
        named = entries[entries != -1].unique()
        row[: len(named)] = named
    return lists


@probe
def multi_margin_of_columns(student, columns, y, settings):
    """Return multi_margin of the transposed scores for every setting (p, margin)."""
    return [student.multi_margin(columns.t(), y, p, margin) for p, margin in settings]


@check(
    points=2,
    zh="对任意形状的随机分数和各种间隔（包括负的），margin_ranking 都正确。",
    hint="The margin is added after y has been multiplied; it may be negative, the loss may not. "
    "Everything is done element by element, so any shape works.",
    hint_zh="先乘 y，再加间隔；间隔可以是负数，损失不会。逐元素计算，对任何形状都适用。",
)
def test_margin_ranking_on_random_scores(submission, rng):
    """margin_ranking is right for scores of any shape and any margin, a negative one too."""
    for shape, margin in [((7,), 0.0), ((3, 4), 1.5), ((), 9.0), ((2, 1, 5), -0.4)]:
        x1, x2, y = rng.randn(*shape), rng.randn(*shape), random_signs(rng, *shape)
        losses = torch.stack(ranking_losses(x1, x2, y, margin))
        result = submission.margin_ranking(x1, x2, y, margin, "none")
        assert_tensor(result, losses.reshape(shape))
        assert_tensor(submission.margin_ranking(x1, x2, y, margin=margin), losses.mean())


@check(
    points=2,
    zh="标签的顺序和个数任意时，multilabel_margin 都正确：没有标签或全是标签的行损失为 0。",
    hint="Labels are class numbers, and y lists them in any order. First find out for each class "
    "whether it is a label; then pair labels with all that are none.",
    hint_zh="标签是类别的编号，y 以任意顺序列出它们。先弄清每个类别是不是标签，"
    "再让标签与非标签两两配对。",
)
def test_multilabel_margin_on_random_rows(submission, rng):
    """multilabel_margin is right for any number of labels in any order, for none and for all."""
    for counts, classes in [([0, 2, 5, 1, 3], 5), ([2], 3), ([1, 6, 3, 0], 7)]:
        x, y = rng.randn(len(counts), classes), random_labels(rng, counts, classes)
        expected = reduced(multilabel_losses(x, y), "mean")
        assert_tensor(submission.multilabel_margin(x, y), expected)


@check(
    points=2,
    zh="第一个 -1 之后无论是什么，对 multilabel_margin 都没有影响，即使是有效的类别编号。",
    hint="A comparison y != -1 looks at each number alone. Whether a -1 stood before it is told "
    "by cumsum or cumprod along the row, or by a loop that stops.",
    hint_zh="y != -1 只看单个的数。它前面有没有出现过 -1，可以沿着行用 cumsum 或 cumprod 判断，"
    "也可以用遇到 -1 就停下的循环。",
)
def test_multilabel_margin_stops_at_the_first_minus_one(submission, rng):
    """What stands behind the first -1 of a row means nothing to multilabel_margin."""
    counts, classes = [1, 0, 3, 2], 6
    x, y = rng.randn(4, classes), random_labels(rng, counts, classes, junk=True)
    taken = Mistake(
        reduced(multilabel_losses(x, without_end(y)), "mean"),
        en="Numbers behind the first -1 were taken for labels.",
        zh="第一个 -1 之后的数被当成了标签。",
    )
    expected = reduced(multilabel_losses(x, y), "mean")
    assert_tensor(submission.multilabel_margin(x, y), expected, mistakes=[taken])


@check(
    points=2,
    zh="分数从 -1000 到 1000，soft_margin 的损失和梯度都正确，没有 inf 或 nan。",
    hint="exp of a large number overflows. Look for a way to write log(1 + exp(t)) in which exp "
    "only sees numbers below 0, or for a function of PyTorch that does it for you.",
    hint_zh="很大的数取 exp 会溢出。设法改写 log(1 + exp(t))，让 exp 只遇到负数；"
    "也可以找一个替你做好这件事的 PyTorch 函数。",
)
def test_soft_margin_stays_finite(submission, rng):
    """Loss and gradient of soft_margin are right for scores from -1000 to 1000."""
    for dtype in (torch.float32, torch.float64):
        large = torch.tensor([[-1000.0, 1000.0, -300.0], [90.0, -90.0, 0.5]], dtype=dtype)
        signs = random_signs(rng, 4, 3, dtype=dtype)
        x = torch.cat([large, large, rng.randn(2, 3, dtype=dtype)])
        y = torch.cat([-signs[:2], signs])  # each large score with both signs
        expected = torch.stack(soft_losses(x, y)).reshape(6, 3)
        assert_tensor(submission.soft_margin(x, y, "none"), expected)
        (slope,) = submission.run(gradients, "soft_margin", [x, y, "sum"], wrt=[0])
        assert_tensor(slope, -y * torch.sigmoid(-y * x))


@check(
    points=2,
    zh="p 为 1 和 2、间隔任意时，multi_margin 都正确，分数在内存中不连续时也一样。",
    hint="Each hinge is squared by itself, before the sum, and the margin stands inside of it.",
    hint_zh="每个合页先各自平方，再求和；间隔在合页里面。",
)
def test_multi_margin_with_every_power_and_margin(submission, rng):
    """multi_margin is right for p = 1 and 2 and every margin, also for transposed scores."""
    settings = [(1, 1.0), (2, 1.0), (1, 0.3), (2, 2.5)]
    for rows, classes in [(6, 4), (1, 3), (3, 7)]:
        x, y = rng.randn(rows, classes), rng.randint(0, classes, (rows,))
        results = submission.run(multi_margin_of_columns, x.t().contiguous(), y, settings)
        for result, setting in zip(results, settings, strict=True):
            assert_tensor(result, reduced(multi_losses(x, y, *setting), "mean"))


@check(
    points=2,
    zh="weight 按每行的正确类别乘到该行的损失上，在 p 次方之后；求平均仍然除以行数。",
    hint="weight[y] has one number for each row. It is not squared with the hinge, and the mean "
    "divides by N, not by the sum of the weights.",
    hint_zh="weight[y] 每行一个数。它不随合页一起平方；求平均时除以 N，而不是除以权重之和。",
)
def test_multi_margin_with_weights(submission, rng):
    """The weight of its right class multiplies the loss of a row; the mean divides by the rows."""
    x, y = rng.randn(5, 4), torch.cat([rng.permutation(4), rng.randint(0, 4, (1,))])
    weight = torch.tensor([0.5, 3.0, 1.7, 2.2])[rng.permutation(4)]
    for p in (1, 2):
        total = reduced(multi_losses(x, y, p, 1.2, weight), "sum")
        like_cross_entropy = Mistake(
            total / weight[y].sum(),
            en="The sum was divided by the sum of the weights, as cross entropy does. "
            "This loss divides by the number of rows.",
            zh="总和除以了权重之和，那是交叉熵的做法。这个损失除以行数。",
        )
        result = submission.multi_margin(x, y, p, 1.2, weight)
        assert_tensor(result, total / 5, mistakes=[like_cross_entropy])


@check(
    points=1,
    zh="三种 reduction 的数值和形状都与公式一致，批次只有一行时也一样。",
    hint='For one row "none" returns (1,), not a 0-d tensor: squeeze() takes away more than you '
    'want. "mean" divides by the number of losses that "none" returns.',
    hint_zh='只有一行时 "none" 返回 (1,)，不是零维张量：squeeze() 去掉的比你想要的多。'
    '"mean" 除以 "none" 返回的损失个数。',
)
def test_reductions_of_one_row_and_of_several(submission, rng):
    """All reductions have the value and the shape of the formulas, for a batch of one too."""
    for rows in (1, 4):
        x1, x2, y = rng.randn(rows, 2), rng.randn(rows, 2), random_signs(rng, rows, 2)
        x, right = rng.randn(rows, 4), rng.randint(0, 4, (rows,))
        labels = random_labels(rng, [2, 1, 3, 0][:rows], 4)
        cases = [
            ("margin_ranking", [x1, x2, y, 9.0], ranking_losses(x1, x2, y, 9.0), (rows, 2)),
            ("soft_margin", [x1, y], soft_losses(x1, y), (rows, 2)),
            ("multilabel_margin", [x, labels], multilabel_losses(x, labels), (rows,)),
            ("multi_margin", [x, right, 2, 3.0], multi_losses(x, right, 2, 3.0), (rows,)),
        ]
        for name, inputs, losses, shape in cases:
            for way in ("none", "sum", "mean"):
                expected = reduced(losses, way).reshape(shape if way == "none" else ())
                result = getattr(submission, name)(*inputs, reduction=way)
                assert_tensor(result, expected)


@check(
    points=2,
    zh="margin_ranking 和 soft_margin 的梯度正确；已经领先够多的一对，梯度恰好为 0。",
    hint=".item(), .tolist(), .detach() and numpy cut the graph. A pair that leads by more than "
    "the margin must have a slope of exactly 0.",
    hint_zh=".item()、.tolist()、.detach() 和 numpy 都会切断计算图。"
    "领先超过间隔的一对，斜率必须恰好是 0。",
)
def test_gradients_of_the_losses_of_elements(submission, rng):
    """The gradients of margin_ranking and soft_margin are right: 0 for pairs that lead enough."""
    x1, x2 = (rng.randn(4, 3, dtype=torch.float64).requires_grad_() for _ in range(2))
    y = random_signs(rng, 4, 3, dtype=torch.float64)
    upstream = 1 + rng.rand(4, 3, dtype=torch.float64)
    inputs = [x1.detach(), x2.detach(), y, 0.5, "none"]
    received = submission.run(gradients, "margin_ranking", inputs, wrt=[0, 1], upstream=upstream)
    for slope, expected in zip(
        received, slopes(ranking_losses(x1, x2, y, 0.5), [x1, x2], upstream), strict=True
    ):
        assert_tensor(slope, expected)
    inputs = [x1.detach(), y, "none"]
    (slope,) = submission.run(gradients, "soft_margin", inputs, wrt=[0], upstream=upstream)
    assert_tensor(slope, slopes(soft_losses(x1, y), [x1], upstream)[0])


@check(
    points=2,
    zh="multilabel_margin 和 multi_margin 的梯度正确，取平均时、平方时、有权重时都一样。",
    hint="Which scores does a hinge pull up, and which does it push down? A mask of 0 and 1 lets "
    "gradients through; numbers that were read out and put into a new tensor do not.",
    hint_zh="一个合页把哪个分数往上拉，把哪个往下推？乘以 0 和 1 的掩码不妨碍梯度；"
    "把数读出来再放进新张量，梯度就断了。",
)
def test_gradients_of_the_losses_of_rows(submission, rng):
    """The gradients of multilabel_margin and multi_margin are right, with weights and powers."""
    x = rng.randn(5, 4, dtype=torch.float64).requires_grad_()
    y, right = random_labels(rng, [1, 3, 0, 2, 4], 4), rng.randint(0, 4, (5,))
    weight = 0.5 + rng.rand(4, dtype=torch.float64)
    upstream = 1 + rng.rand(5, dtype=torch.float64)
    inputs = [x.detach(), y, "none"]
    (slope,) = submission.run(gradients, "multilabel_margin", inputs, wrt=[0], upstream=upstream)
    assert_tensor(slope, slopes(multilabel_losses(x, y), [x], upstream)[0])
    mean = torch.full((5,), 0.2, dtype=torch.float64)
    for p, factors in [(1, None), (2, weight)]:
        inputs = [x.detach(), right, p, 1.5, factors, "mean"]
        (slope,) = submission.run(gradients, "multi_margin", inputs, wrt=[0])
        losses = multi_losses(x, right, p, 1.5, factors)
        assert_tensor(slope, slopes(losses, [x], mean)[0])


@check(
    points=1,
    zh="分数是 float64 时，四个函数的结果都是 float64；逐元素的两个损失在 meta 设备上也能算。",
    hint="Make new tensors from x (x.new_zeros, torch.zeros_like), and keep .item() out of it.",
    hint_zh="新张量要由 x 得到（x.new_zeros、torch.zeros_like），也不要用 .item()。",
)
def test_results_keep_dtype_and_device(submission, rng):
    """Results have the dtype of the scores; those of elements are made on the meta device too."""
    x, y = rng.randn(3, 5, dtype=torch.float64), random_signs(rng, 3, 5, dtype=torch.float64)
    labels, right = random_labels(rng, [2, 1, 4], 5), rng.randint(0, 5, (3,))
    for name, target in [("multilabel_margin", labels), ("multi_margin", right)]:
        described = submission.run(describe, name, [x, target])
        assert_equal(described["dtype"], torch.float64)
    elsewhere = submission.on("meta")  # a device that every machine has
    nothing = torch.empty(3, 5, dtype=torch.float64, device="meta")
    assert_tensor(elsewhere.margin_ranking(x, -x, y, 0.5, "none"), nothing)
    assert_tensor(elsewhere.soft_margin(x, y, "none"), nothing)


@check(
    points=2,
    zh="形状不合要求，或者 p 不是 1 和 2 时，四个函数都抛出 ValueError，而不是悄悄广播。",
    hint="PyTorch broadcasts (N, 1) against (N,) to (N, N) without a word. Compare all the shapes "
    "that the task names, each of them, before you compute.",
    hint_zh="PyTorch 会一声不响地把 (N, 1) 和 (N,) 广播成 (N, N)。"
    "计算之前，题目提到的每个形状都要比较。",
)
def test_wrong_shapes_and_powers_are_refused(submission, rng):
    """Shapes that do not fit raise ValueError instead of being broadcast, and so does p = 3."""
    x, column, row = rng.randn(3, 4), rng.randn(3, 1), rng.randn(4)
    y, labels, right = random_signs(rng, 3, 4), torch.full((3, 4), -1), rng.randint(0, 4, (3,))
    ranking = [(column, x, y), (x, row, y), (x, x, y[0]), (column, column, y)]
    multilabel = [(x, labels[:, :3]), (row, labels[0]), (x, labels[0]), (x[None], labels[None])]
    soft = [(x, y[0]), (column, y), (row, y[:1])]
    multi = [(x, right[:1]), (row, right[0]), (x, right[:, None]), (x[None], right[None])]
    multi += [(x, right, 3), (x, right, 0), (x, right, 1, 1.0, rng.rand(1))]
    multi += [(x, right, 2, 1.0, rng.rand(3)), (x, right, 1, 1.0, rng.rand(3, 4))]
    cases = {"margin_ranking": ranking, "multilabel_margin": multilabel}
    for name, arguments in {**cases, "soft_margin": soft, "multi_margin": multi}.items():
        for args in arguments:
            with raises(ValueError):
                getattr(submission, name)(*args)
