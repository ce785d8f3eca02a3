"""Hidden checks of ex20_losses_metric: the formulas once more, written with powers and roots."""

import torch

from grader.checks import Mistake, assert_equal, assert_tensor, check, gradients, probe, raises


def distances(a, b, p=2.0, eps=1e-6):
    """Return the p-norms of a - b + eps along the last dimension."""
    return ((a - b + eps).abs() ** p).sum(-1) ** (1 / p)


def triplet_losses(a, p, n, margin=1.0, p_norm=2.0, *, swap=False):
    """Return the losses of triplet, one for each row."""
    far, across = distances(a, n, p_norm), distances(p, n, p_norm)
    if swap:
        far = torch.where(across < far, across, far)
    missing = distances(a, p, p_norm) - far + margin
    return missing * (missing > 0)


def hinge_losses(x, y, margin=1.0):
    """Return the losses of hinge_embedding, one for each element."""
    return x * (y == 1) + (margin - x) * ((y == -1) & (x < margin))


def cosine_losses(x1, x2, y, margin=0.0):
    """Return the losses of cosine_embedding, one for each row; no row may be zero."""
    lengths = (x1**2).sum(1).sqrt() * (x2**2).sum(1).sqrt()
    cosine = (x1 * x2).sum(1) / lengths
    return (1 - cosine) * (y == 1) + (cosine - margin) * ((y == -1) & (cosine > margin))


def random_signs(rng, *shape, dtype=torch.float32):
    """Return numbers 1 and -1 in random order, half of each or nearly so."""
    signs = torch.ones(shape, dtype=dtype)
    signs.view(-1)[::2] = -1
    return signs.view(-1)[rng.permutation(signs.numel())].view(shape)


@probe
def triplets(student, a, p, n, settings):
    """Return triplet of the same rows for every setting (margin, p_norm, swap)."""
    return [
        student.triplet(a, p, n, margin, p_norm, swap=swap, reduction="none")
        for margin, p_norm, swap in settings
    ]


@probe
def triplet_gradients(student, a, p, n, options):
    """Return the gradients of the summed triplet losses with respect to a, p and n."""
    inputs = [rows.requires_grad_() for rows in (a, p, n)]
    loss = student.triplet(*inputs, **options, reduction="sum")
    if loss.requires_grad:
        loss.backward()
    return [rows.grad for rows in inputs]


@check(
    points=2,
    zh="对任意形状的向量、任意的 p 和 eps，pairwise_distance 都正确；eps 加在每个差上。",
    hint="The last dimension goes, all others stay. eps is added to a - b, before the absolute "
    "values are taken; p need not be a whole number.",
    hint_zh="最后一维消失，其余各维保留。eps 加在 a - b 上，在取绝对值之前；p 不一定是整数。",
)
def test_pairwise_distance_with_every_norm(submission, rng):
    """pairwise_distance is right for vectors of any shape, any p, and an eps that can be seen."""
    cases = [((4, 3), 2.0, 0.3), ((6,), 3.0, 1e-6), ((2, 3, 5), 1.0, 0.2), ((1, 2), 1.5, 0.5)]
    for shape, p, eps in cases:
        a, b = rng.randn(*shape), rng.randn(*shape)
        expected = distances(a, b, p, eps)
        assert_tensor(submission.pairwise_distance(a, b, p, eps), expected)
    a, b = a.double(), b.double()  # the usual eps shows in float64
    assert_tensor(submission.pairwise_distance(a, b), distances(a, b))


@check(
    points=2,
    zh="间隔、范数和 swap 任意搭配，triplet 的每一行都正确。",
    hint="With swap each row decides for itself which of its two distances is the smaller one; "
    "all three distances use p_norm.",
    hint_zh="用 swap 时，每一行各自决定两个距离中哪个更小；三个距离都用 p_norm。",
)
def test_triplet_with_every_norm_margin_and_swap(submission, rng):
    """triplet is right in every row for every margin and norm, with swap and without."""
    a, p, n = rng.randn(9, 4), rng.randn(9, 4), rng.randn(9, 4)
    a[0], p[1] = n[0] + 0.1, n[1] + 0.1  # a negative beside the anchor, one beside the positive
    settings = [(1.0, 2.0, False), (1.0, 2.0, True), (0.2, 1.0, False), (0.2, 1.0, True)]
    settings += [(6.0, 3.0, False), (6.0, 1.5, True)]
    results = submission.run(triplets, a, p, n, settings)
    for result, (margin, p_norm, swap) in zip(results, settings, strict=True):
        expected = triplet_losses(a, p, n, margin, p_norm, swap=swap)
        exchanged = Mistake(
            triplet_losses(p, a, n, margin, p_norm),
            en="The negative was measured from the positive in every row. swap takes the smaller "
            "one of both distances.",
            zh="每一行的负例都从正例量起了。swap 是取两个距离中较小的一个。",
        )
        assert_tensor(result, expected, mistakes=[exchanged])


@check(
    points=2,
    zh="锚点与正例或负例相同时，triplet 的梯度是有限的，而且正确。",
    hint="The slope of a root is infinite at 0. Which number keeps what is under the root away "
    "from 0, and where must it be added for that?",
    hint_zh="平方根在 0 处的斜率是无穷大。靠哪个数使根号里的值离开 0？它必须加在哪里？",
)
def test_gradients_at_the_distance_zero(submission, rng):
    """The gradients of triplet are finite and right where two of its vectors are the same."""
    a, p, n = (rng.randn(5, 3, dtype=torch.float64) for _ in range(3))
    p[0], n[1], p[2], n[2] = a[0], a[1], a[2], a[2]
    for p_norm in (2.0, 3.0):
        inputs = [rows.clone().requires_grad_() for rows in (a, p, n)]
        losses = triplet_losses(*inputs, margin=9.0, p_norm=p_norm)
        expected = torch.autograd.grad(losses.sum(), inputs)
        options = {"margin": 9.0, "p_norm": p_norm}
        received = submission.run(triplet_gradients, a, p, n, options)
        for slope, wanted in zip(received, expected, strict=True):
            assert_tensor(slope, wanted, rtol=1e-5, atol=1e-5)


@check(
    points=2,
    zh="三个输入都得到 triplet 的正确梯度，用 swap 时也一样；已经满足的三元组梯度为 0。",
    hint="All three inputs take part: the positive is pulled, the negative is pushed, and the "
    "anchor feels both. With swap the gradient goes through the distance that was chosen.",
    hint_zh="三个输入都要参与：正例被拉近，负例被推远，锚点两样都有。"
    "用 swap 时，梯度走被选中的那个距离。",
)
def test_gradients_of_triplet(submission, rng):
    """Anchor, positive and negative receive the right gradients, 0 where nothing is missing."""
    a, p, n = (rng.randn(7, 4, dtype=torch.float64) for _ in range(3))
    a[0], n[0] = p[0] + 0.1, p[0] + 5  # nothing is missing here
    n[1], n[2] = p[1] + 0.1, a[2] + 0.1
    for options in [{"margin": 0.7}, {"margin": 2.0, "p_norm": 3.0, "swap": True}]:
        inputs = [rows.clone().requires_grad_() for rows in (a, p, n)]
        expected = torch.autograd.grad(triplet_losses(*inputs, **options).sum(), inputs)
        received = submission.run(triplet_gradients, a, p, n, options)
        for slope, wanted in zip(received, expected, strict=True):
            assert_tensor(slope, wanted, rtol=1e-5, atol=1e-5)


@check(
    points=1,
    zh="对任意形状的距离和任意间隔，hinge_embedding 的三种 reduction 都正确。",
    hint="The margin belongs to y = -1 alone, and every element is treated on its own.",
    hint_zh="间隔只与 y = -1 有关；每个元素各算各的。",
)
def test_hinge_embedding_on_random_distances(submission, rng):
    """hinge_embedding is right for distances of any shape, every margin and reduction."""
    for shape, margin in [((8,), 1.0), ((3, 5), 0.4), ((2, 1, 4), 2.5)]:
        x, y = 3 * rng.rand(*shape), random_signs(rng, *shape)
        losses = hinge_losses(x, y, margin)
        assert_tensor(submission.hinge_embedding(x, y, margin, "none"), losses)
        assert_tensor(submission.hinge_embedding(x, y, margin, "sum"), losses.sum())
        assert_tensor(submission.hinge_embedding(x, y, margin), losses.mean())


@check(
    points=2,
    zh="对随机向量和正负间隔，cosine_embedding 都正确，向量的长短不影响结果。",
    hint="Divide by both lengths. The margin is subtracted from the cosine of unlike pairs only.",
    hint_zh="要除以两个向量的长度。只有不相似的一对，才从余弦里减去间隔。",
)
def test_cosine_embedding_on_vectors_of_every_length(submission, rng):
    """cosine_embedding is right for every margin, however long or short the vectors are."""
    for rows, margin in [(6, 0.0), (9, 0.3), (5, -0.5)]:
        x1, x2, y = rng.randn(rows, 4), rng.randn(rows, 4), random_signs(rng, rows)
        x2[:2] = x1[:2] + 0.1 * x2[:2]  # two pairs that are much alike
        losses = cosine_losses(x1, x2, y, margin)
        for first, second in [(1.0, 1.0), (1000.0, 0.1), (0.1, 30.0)]:
            result = submission.cosine_embedding(first * x1, second * x2, y, margin, "none")
            assert_tensor(result, losses)


@check(
    points=2,
    zh="零向量与任何向量的余弦都是 0，损失和梯度都是有限的。",
    hint="0 / 0 is nan. Keep the lengths away from 0, by something tiny under the root or by the "
    "larger one of the length and something tiny. torch.where afterwards comes too late: the "
    "gradient of the branch that was not chosen is nan times 0.",
    hint_zh="0 / 0 是 nan。要让长度离开 0：在根号里加一个极小的数，或者取长度与极小数中较大的。"
    "事后用 torch.where 补救就晚了：没被选中的那一支，梯度是 nan 乘 0。",
)
def test_cosine_embedding_of_zeros(submission, rng):
    """A vector of zeros has the cosine 0 with every other, and all gradients stay finite."""
    x1, x2 = (rng.randn(6, 3, dtype=torch.float64) for _ in range(2))
    y = torch.tensor([1.0, -1, 1, -1, 1, -1], dtype=torch.float64)
    # Rows 0 and 1 are zeros: 1 - 0 for the like pair, 0 - (-0.25) for the other.
    zeros = torch.zeros(2, 3, dtype=torch.float64)
    second = x2.clone().requires_grad_()
    losses = cosine_losses(x1[2:], second[2:], y[2:], -0.25)
    start = torch.tensor([1.0, 0.25], dtype=torch.float64)
    inputs = [torch.cat([zeros, x1[2:]]), x2, y, -0.25, "none"]
    result = submission.cosine_embedding(*inputs)
    assert_tensor(result, torch.cat([start, losses.detach()]), rtol=1e-6, atol=1e-6)
    (expected,) = torch.autograd.grad(losses.sum(), second)
    of_zeros, of_others = submission.run(gradients, "cosine_embedding", inputs, wrt=[0, 1])
    assert_tensor(of_others, expected, rtol=1e-6, atol=1e-6)
    # How steep it is at 0 depends on the tiny number that somebody chose.
    is_finite = isinstance(of_zeros, torch.Tensor) and bool(of_zeros.isfinite().all())
    assert_equal(is_finite, expected=True)


@check(
    points=2,
    zh="pairwise_distance、hinge_embedding 和 cosine_embedding 的每个输入都得到正确的梯度。",
    hint="Both vectors of a pair learn. Stay with tensor operations from the inputs to the loss.",
    hint_zh="一对里的两个向量都要学习。从输入到损失，一直使用张量运算。",
)
def test_gradients_of_pairs(submission, rng):
    """Every input of the other three functions receives the right gradient."""
    x1, x2 = (rng.randn(6, 3, dtype=torch.float64).requires_grad_() for _ in range(2))
    y, upstream = random_signs(rng, 6, dtype=torch.float64), 1 + rng.rand(6, dtype=torch.float64)
    first, second = x1.detach(), x2.detach()
    x = 3 * rng.rand(6, dtype=torch.float64)
    x[0], y[0] = 2.5, -1  # an unlike pair beyond the margin
    x.requires_grad_()
    cases = [
        ("pairwise_distance", [first, second, 3.0], [x1, x2], distances(x1, x2, 3.0)),
        ("hinge_embedding", [x.detach(), y, 1.5, "none"], [x], hinge_losses(x, y, 1.5)),
        (
            "cosine_embedding",
            [first, second, y, -0.4, "none"],
            [x1, x2],
            cosine_losses(x1, x2, y, -0.4),
        ),
    ]
    for name, inputs, leaves, losses in cases:
        expected = torch.autograd.grad((losses * upstream).sum(), leaves)
        wrt = list(range(len(leaves)))
        received = submission.run(gradients, name, inputs, wrt=wrt, upstream=upstream)
        for slope, wanted in zip(received, expected, strict=True):
            assert_tensor(slope, wanted, rtol=1e-5, atol=1e-5)


@check(
    points=1,
    zh='批次只有一行或者为空时，reduction 也正确：空批次的 "sum" 是 0，"mean" 是 nan。',
    hint='"none" returns (1,) for one row and (0,) for none. A mean over nothing is 0 / 0; '
    "dividing by max(N, 1), or by the number of losses above 0, hides that. If larger batches are "
    "wrong as well, begin with those.",
    hint_zh='一行时 "none" 返回 (1,)，没有行时返回 (0,)。对空集求平均就是 0 / 0；'
    "如果除以 max(N, 1)，或者除以大于 0 的损失个数，就把它掩盖了。"
    "大一些的批次也不对的话，先从那里查起。",
)
def test_reductions_of_one_row_and_of_none(submission, rng):
    """The reductions are right for one row and for an empty batch: its sum is 0, its mean nan."""
    for rows in (1, 0):
        a, p, n, y = rng.randn(rows, 4), rng.randn(rows, 4), rng.randn(rows, 4), torch.ones(rows)
        pair, three = cosine_losses(a, p, y), triplet_losses(a, p, n, margin=9.0)
        assert_tensor(submission.triplet(a, p, n, 9.0, reduction="none"), three)
        assert_tensor(submission.cosine_embedding(a, p, y, reduction="none"), pair)
        assert_tensor(submission.triplet(a, p, n, 9.0, reduction="sum"), three.sum())
        assert_tensor(submission.cosine_embedding(a, p, y, reduction="sum"), pair.sum())
        assert_tensor(submission.triplet(a, p, n, 9.0), three.mean(), equal_nan=True)
        assert_tensor(submission.cosine_embedding(a, p, y), pair.mean(), equal_nan=True)


@check(
    points=1,
    zh="在 float64 和没有数值的 meta 设备上，四个函数也能运行，结果的 dtype 和设备与输入相同。",
    hint="Make new tensors from the inputs (x.new_zeros, torch.zeros_like), keep .item() out of "
    "it, and let torch.where or a mask choose.",
    hint_zh="新张量要由输入得到（x.new_zeros、torch.zeros_like），不要用 .item()，"
    "用 torch.where 或掩码来选择。",
)
def test_results_keep_dtype_and_device(submission, rng):
    """All four functions run in float64 on the meta device, and their results stay so."""
    a, p, n = (rng.randn(5, 3, dtype=torch.float64) for _ in range(3))
    x, signs = a.abs(), random_signs(rng, 5, 3, dtype=torch.float64)
    y = signs[:, 0]
    elsewhere = submission.on("meta")  # a device that every machine has
    rows, whole = (
        torch.empty(shape, dtype=torch.float64, device="meta") for shape in ((5,), (5, 3))
    )
    assert_tensor(elsewhere.pairwise_distance(a, p), rows)
    assert_tensor(elsewhere.triplet(a, p, n, swap=True, reduction="none"), rows)
    assert_tensor(elsewhere.hinge_embedding(x, signs, reduction="none"), whole)
    assert_tensor(elsewhere.cosine_embedding(a, p, y, reduction="none"), rows)


@check(
    points=2,
    zh="形状不合要求时，四个函数都抛出 ValueError，而不是悄悄广播。",
    hint="PyTorch's own triplet loss takes one positive for all anchors without a word. Compare "
    "all the shapes that the task names, each of them, before you compute.",
    hint_zh="PyTorch 自己的三元组损失会一声不响地让所有锚点共用一个正例。"
    "计算之前，题目提到的每个形状都要比较。",
)
def test_wrong_shapes_are_refused(submission, rng):
    """Shapes that do not fit raise ValueError instead of being broadcast."""
    x, one, row = rng.randn(3, 4), rng.randn(1, 4), rng.randn(4)
    pairs, y = rng.randn(2, 3, 4), torch.ones(3)
    cases = {
        "pairwise_distance": [(x, one), (row, x), (x, rng.randn(3, 1))],
        "triplet": [(x, one, x), (x, x, one), (one, x, x), (row, row, row), (pairs, pairs, pairs)],
        "hinge_embedding": [(x, one), (one, x), (y, y[:1]), (x, y[:, None])],
        "cosine_embedding": [(x, one, y), (x, x, y[:1]), (x, x, y[:, None]), (row, row, y[0])],
    }
    cases["cosine_embedding"] += [(pairs, pairs, torch.ones(2, 4)), (one, x, y), (x, x, y[0])]
    for name, arguments in cases.items():
        for args in arguments:
            with raises(ValueError):
                getattr(submission, name)(*args)
