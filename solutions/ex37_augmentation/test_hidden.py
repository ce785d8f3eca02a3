"""Hidden checks of ex37_augmentation: every mode and side, fair draws, and what a seed repeats."""

import numpy as np
import torch

from grader.checks import assert_equal, assert_tensor, check, probe, raises

MODES = ("constant", "edge", "reflect", "symmetric")


@probe
def padded(student, cases):
    """Return pad2 for every (x, padding, mode, fill)."""
    return [student.pad2(x, padding, mode, fill) for x, padding, mode, fill in cases]


@probe
def middles(student, x, sizes):
    """Return the middle of x in every size."""
    return [student.center_crop(x, size) for size in sizes]


@probe
def crops(student, x, size, n, settings):
    """Return n random crops of one picture."""
    return [student.random_crop(x, size, **settings) for _ in range(n)]


@probe
def places(student, shape, size, n, settings):
    """Return the upper left pixels of n random crops of a picture of numbers in order."""
    x = torch.arange(shape[0] * shape[1]).reshape(shape)
    return [int(student.random_crop(x, size, **settings)[0, 0]) for _ in range(n)]


@probe
def whole_batches(student, x, size, n):
    """Return n random crops, and as many pairs of flips, of a batch."""
    flips = [(student.hflip(x, 0.5), student.vflip(x, 0.5)) for _ in range(n)]
    return [student.random_crop(x, size) for _ in range(n)], flips


@probe
def flipped(student, name, x, p, n):
    """Return the flipped picture, and how many of n calls returned another picture than x."""
    flip = getattr(student, name)
    return flip(x, 1), sum(not torch.equal(flip(x, p), x) for _ in range(n))


@probe
def seeded(student, x, seed, common, n):
    """Return n results of each random function, all drawn from one seed (None: the common one)."""
    found = []
    for name in ("random_crop", "hflip", "vflip", "train_tf"):
        torch.manual_seed(common)
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        if name == "random_crop":
            results = [student.random_crop(x, 3, generator=generator) for _ in range(n)]
        elif name == "train_tf":
            transform = student.train_tf(3, [0.5], [0.5], generator=generator)
            results = [transform(x) for _ in range(n)]
        else:
            results = [getattr(student, name)(x, generator=generator) for _ in range(n)]
        found.append(torch.stack(results))
    return found


@probe
def gradients_of_each(student, x, upstreams):
    """Return x after all calls, and the gradients that reach it through every function."""
    functions = [
        lambda x: student.pad2(x, (1, 2, 3, 0)),
        lambda x: student.pad2(x, (1, 2, 3, 0), "edge"),
        lambda x: student.pad2(x, (1, 2, 3, 0), "reflect"),
        lambda x: student.pad2(x, (1, 2, 3, 0), "symmetric"),
        lambda x: student.center_crop(x, (3, 8)),
        lambda x: student.random_crop(x, (5, 6)),
        lambda x: student.hflip(x, 1),
        lambda x: student.vflip(x, 1),
    ]
    gradients = []
    for function, upstream in zip(functions, upstreams, strict=True):
        leaf = x.clone().requires_grad_()
        output = function(leaf)
        if output.requires_grad:
            (output * upstream).sum().backward()
        gradients.append(leaf.grad)
        function(x)
    return x, gradients


@probe
def shapes_elsewhere(student, x):
    """Return the results of every function for a tensor on another device."""
    found = [student.pad2(x, (1, 2, 0, 3), mode) for mode in ("constant", "edge")]
    found += [student.pad2(x, (1, 2, 0, 3), mode) for mode in ("reflect", "symmetric")]
    found += [student.center_crop(x, (9, 3)), student.random_crop(x, 3, 2)]
    return [*found, student.hflip(x, 1), student.vflip(x, 1)]


@probe
def transformed(student, name, x, n, settings):
    """Return what n calls of one transform make of a picture."""
    transform = getattr(student, name)(*settings)
    return [transform(x) for _ in range(n)]


def padded_by_numpy(x, padding, mode, fill):
    """Return what pad2 is to return."""
    left, top, right, bottom = {1: padding * 4, 2: padding * 2, 4: padding}[len(padding)]
    widths = [(0, 0)] * (x.dim() - 2) + [(top, bottom), (left, right)]
    options = {"constant_values": fill} if mode == "constant" else {}
    return torch.from_numpy(np.pad(x.numpy(), widths, mode=mode, **options))


def windows_of(picture, h, w):
    """Return all windows (rows, columns, C, h, w) of a picture (C, H, W)."""
    return picture.unfold(1, h, 1).unfold(2, w, 1).permute(1, 2, 0, 3, 4)


def normalized(x, mean, std):
    """Return a picture of bytes as a network gets it."""
    return (x / 255 - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]


def gradient_of(indices, upstream, size):
    """Return what arrives at each of `size` pixels; -1 marks a place that holds no pixel."""
    flat = torch.zeros(size, dtype=upstream.dtype)
    inside = indices >= 0
    return flat.index_add(0, indices[inside], upstream[inside])


@check(
    points=2,
    zh="各种模式、各侧不同的宽度、各种 dtype 和维数下，pad2 都正确。",
    hint="Work on the last two axes only, and let nothing turn whole numbers into floats.",
    hint_zh="只处理最后两个轴；不要让整数变成浮点数。",
)
def test_pad2_in_every_mode(submission, rng):
    """pad2 is right in every mode, with four different sides, for every dtype and dimension."""
    cases = []
    for mode in MODES:
        for shape, padding in [((4, 5), (1, 3, 2, 0)), ((2, 5, 4), (2, 3)), ((2, 2, 3, 4), (1,))]:
            for dtype in (torch.uint8, torch.int64, torch.float32, torch.float64):
                x = rng.randint(0, 200, shape).to(dtype)
                cases.append((x, padding if len(padding) > 1 else padding[0], mode, 3))
        cases.append((rng.randn(3, 4), (0, 0, 0, 0), mode, 0))
        cases.append((rng.randn(0, 3, 4), (1, 2), mode, 0))
        cases.append((rng.randn(5, 4).t(), 2, mode, 0.5))
    results = submission.run(padded, cases)
    for result, (x, padding, mode, fill) in zip(results, cases, strict=True):
        sides = padding if isinstance(padding, tuple) else (padding,)
        assert_tensor(result, padded_by_numpy(x, sides, mode, fill))


@check(
    points=2,
    zh="pad2 在镜像的极限之内可用，超过极限、模式不认识、个数不对或为负时抛出 ValueError。",
    hint="How many pixels does a mirror show? One less, if it stands on the last pixel.",
    hint_zh="镜子里能看到几个像素？立在最后一个像素上时，要少一个。",
)
def test_pad2_up_to_its_limits(submission, rng):
    """pad2 mirrors up to its limits; ValueError beyond, and for other modes, counts or signs."""
    x = rng.randn(2, 3, 5)
    good = [
        (x, (4, 2), "reflect", 0),
        (x, (5, 3), "symmetric", 0),
        (x, (9, 8), "edge", 0),
        (x[:, :1, :1].clone(), (0, 0, 1, 1), "symmetric", 0),
    ]
    for result, (_, padding, mode, fill) in zip(submission.run(padded, good), good, strict=True):
        picture = x[:, :1, :1] if len(padding) == 4 else x
        assert_tensor(result, padded_by_numpy(picture, padding, mode, fill))
    for padding, mode in [
        ((5, 0), "reflect"),
        ((0, 0, 0, 3), "reflect"),
        ((0, 4), "symmetric"),
        ((6, 0, 0, 0), "symmetric"),
        (1, "mirror"),
        (1, ""),
        ((1, 2, 3), "edge"),
        ((1,) * 5, "constant"),
        (-1, "constant"),
        ((1, 1, -2, 1), "edge"),
    ]:
        with raises(ValueError):
            submission.pad2(x, padding, mode)


@check(
    points=2,
    zh="各种尺寸下 center_crop 都取正中，一个方向切去、另一个方向补零时也一样。",
    hint="Treat rows and columns apart: one may be cut off while the other is added.",
    hint_zh="行和列分开处理：可能一个要切去，另一个要补上。",
)
def test_center_crop_in_every_size(submission, rng):
    """center_crop finds the middle in every size, also where it cuts rows and adds columns."""
    sizes = [1, 4, 7, (5, 8), (2, 5), (3, 11), (12, 2), (9, 13), (6, 6)]
    for shape, dtype in [((3, 5, 8), torch.float32), ((2, 1, 6, 3), torch.uint8)]:
        x = rng.randint(1, 200, shape).to(dtype)
        border = padded_by_numpy(x, (20,), "constant", 0)
        for result, size in zip(submission.run(middles, x, sizes), sizes, strict=True):
            h, w = (size, size) if isinstance(size, int) else size
            rest_h, rest_w = shape[-2] - h, shape[-1] - w
            choices = [
                border[..., 20 + top : 20 + top + h, 20 + left : 20 + left + w]
                for top in {rest_h // 2, -(-rest_h // 2)}
                for left in {rest_w // 2, -(-rest_w // 2)}
            ]
            alike = [choice for choice in choices if torch.equal(result, choice)]
            assert_tensor(result, (alike or choices)[0])


@check(
    points=2,
    zh="random_crop 的窗口等可能地出现在每个位置，最后一行、最后一列也不例外。",
    hint="How many places are there for h of H rows? Is the last of them ever drawn?",
    hint_zh="H 行里放 h 行，有几个位置？最后一个位置会被取到吗？",
)
def test_random_crop_is_fair(submission):
    """random_crop puts its window everywhere with equal chance, at the far edges too."""
    n = 1000
    found = submission.run(places, (6, 7), (3, 5), n, {})
    for name, offsets, count in [
        ("row", [place // 7 for place in found], 4),
        ("column", [place % 7 for place in found], 3),
    ]:
        times = [offsets.count(offset) for offset in range(count)]
        assert sum(times) == n, f"a window begins at a {name} where none can begin"
        fair = n / count
        assert all(abs(t - fair) < 0.3 * fair for t in times), f"some {name} is drawn too rarely"
    assert len(set(found)) == 12, "rows and columns are not drawn independently"
    assert_equal(submission.run(places, (4, 9), (4, 9), 5, {}), [0] * 5)


@check(
    points=2,
    zh="random_crop 在每种填充模式下都从正确填充的图像里取窗口；pad_if_needed 在两侧补足。",
    hint="Pad with padding_mode and fill; then look again whether something is missing.",
    hint_zh="按 padding_mode 和 fill 填充；然后再看是否还缺。",
)
def test_random_crop_pads_as_it_is_told(submission, rng):
    """random_crop cuts its windows out of rightly padded pictures, and finds all of them."""
    for shape, size, padding, sides, needed in [
        ((2, 5, 6), (5, 6), 1, (1,), False),
        ((2, 5, 6), (6, 8), None, (2, 1), True),
        ((1, 4, 7), (7, 5), [1, 0], (1, 3), True),
        ((1, 6, 4), (5, 6), None, (2, 0), True),
    ]:
        x = rng.rand(*shape)
        for mode in MODES:
            settings = {"padding": padding, "pad_if_needed": needed, "padding_mode": mode}
            found = submission.run(crops, x, size, 80, {**settings, "fill": 0.5})
            windows = windows_of(padded_by_numpy(x, sides, mode, 0.5), *size)
            seen = set()
            for crop in found:
                assert_equal((crop.shape, crop.dtype), (windows.shape[2:], windows.dtype))
                places = (windows == crop).flatten(2).all(-1).nonzero().tolist()
                assert places, "this crop is no window of the padded picture"
                seen.add(tuple(places[0]))
            assert len(seen) > 2 * windows.shape[0] * windows.shape[1] / 3, (
                "some places are missing"
            )


@check(
    points=1,
    zh="成批的图像用同一次抽取：窗口相同，翻转与否也相同。",
    hint="Draw once for each call, and count the axes from the end.",
    hint_zh="每次调用只抽取一次；轴从后往前数。",
)
def test_a_batch_is_treated_as_a_whole(submission, rng):
    """All pictures of a batch get the same window and are flipped together or not at all."""
    x = rng.rand(4, 2, 5, 6)
    cut, turned = submission.run(whole_batches, x, (3, 4), 25)
    windows = windows_of(x.flatten(0, 1), 3, 4).reshape(3, 3, 4, 2, 3, 4)
    for crop in cut:
        assert_equal(tuple(crop.shape), (4, 2, 3, 4))
        assert (windows == crop).flatten(2).all(-1).any(), "the pictures have different windows"
    for sideways, upside_down in turned:
        assert_equal(any(torch.equal(sideways, y) for y in (x, x.flip(-1))), expected=True)
        assert_equal(any(torch.equal(upside_down, y) for y in (x, x.flip(-2))), expected=True)


@check(
    points=2,
    zh="给了 generator，所有随机数都来自它；没有给时来自 PyTorch 的全局随机数生成器。",
    hint="Hand the generator on to torch.rand and torch.randint; no random, no numpy.",
    hint_zh="把 generator 传给 torch.rand 和 torch.randint；不要用 random 或 numpy。",
)
def test_a_seed_repeats_everything(submission, rng):
    """All draws come from the generator, and without one from torch's global generator."""
    x = rng.randint(0, 256, (1, 12, 13)).to(torch.uint8)
    one, other, third, fourth = (1 + rng.permutation(1000)[:4]).tolist()
    first = submission.run(seeded, x, one, third, 30)
    assert_equal(submission.run(seeded, x, one, fourth, 30), first)
    for same, different in zip(first, submission.run(seeded, x, other, third, 30), strict=True):
        assert not torch.equal(same, different), "another seed changes nothing"
    first = submission.run(seeded, x, None, third, 30)
    assert_equal(submission.run(seeded, x, None, third, 30), first)


@check(
    points=2,
    zh="翻转的次数与 p 相符，成批的图像也对；p 不在 0 到 1 之间时抛出 ValueError。",
    hint="It happens when a number drawn from 0 to 1 is less than p. Look at p before you draw.",
    hint_zh="取一个 0 到 1 的随机数，小于 p 就翻转。抽取之前先检查 p。",
)
def test_flips_as_often_as_p_says(submission, rng):
    """The flips happen as often as p says, on batches too; ValueError for p beyond 0 and 1."""
    x = rng.randint(0, 256, (2, 3, 4, 5)).to(torch.uint8)
    for name, axis in [("hflip", -1), ("vflip", -2)]:
        for p, least, most in [(0.2, 32, 128), (0.9, 324, 396)]:
            result, count = submission.run(flipped, name, x, p, 400)
            assert_tensor(result, x.flip(axis))
            assert least <= count <= most, f"{name} flips too often or too rarely"
        for p in (-0.1, 1.5):
            with raises(ValueError):
                getattr(submission, name)(x, p)


@check(
    points=1,
    zh="所有函数都让梯度传到 x，也不改动 x；镜像出来的像素把梯度加到原像素上。",
    hint="No numpy, no detach(), no .data: indices, slices, flip and F.pad let gradients through.",
    hint_zh="不要用 numpy、detach()、.data；下标、切片、flip 和 F.pad 都能让梯度通过。",
)
def test_gradients_reach_the_picture(submission, rng):
    """All functions let gradients through to x, mirrored pixels too, and do not change x."""
    x = rng.randn(2, 5, 6, dtype=torch.float64)
    pixels = torch.arange(60).reshape(2, 5, 6)
    maps = [padded_by_numpy(pixels, (1, 2, 3, 0), mode, -1) for mode in MODES]
    maps += [padded_by_numpy(pixels[:, 1:4], (1, 0), "constant", -1), pixels]
    maps += [pixels.flip(-1), pixels.flip(-2)]
    upstreams = [rng.randn(*indices.shape, dtype=torch.float64) for indices in maps]
    after, gradients = submission.run(gradients_of_each, x, upstreams)
    assert_tensor(after, x)
    for gradient, indices, upstream in zip(gradients, maps, upstreams, strict=True):
        assert_tensor(gradient, gradient_of(indices, upstream, 60).reshape(2, 5, 6))


@check(
    points=1,
    zh="所有函数的结果都与 x 在同一个设备上。",
    hint="Numbers are drawn on the CPU, but new pixels are made with x.new_full and the like.",
    hint_zh="随机数在 CPU 上抽取，但新的像素要用 x.new_full 之类的方法来建。",
)
def test_results_stay_on_the_device(submission, rng):
    """The results of all functions are on the device of x."""
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    found = submission.on("meta").run(shapes_elsewhere, rng.randn(3, 5, 6))
    shapes = [(3, 10, 7)] * 4 + [(3, 9, 3), (3, 3, 3), (3, 5, 6), (3, 5, 6)]
    for result, shape in zip(found, shapes, strict=True):
        assert_tensor(result, torch.empty(shape, device="meta"))


@check(
    points=2,
    zh="val_tf 对各种尺寸都给出标准化之后的正中部分，每个通道用自己的均值和标准差。",
    hint="The same steps as in training, but without any draw: the middle, / 255, normalized.",
    hint_zh="步骤与训练时相同，只是没有随机：取正中、除以 255、标准化。",
)
def test_val_tf_in_every_size(submission, rng):
    """val_tf gives the normalized middle in every size, with each channel's own mean and std."""
    for channels, size, (h, w) in [(3, 6, (6, 6)), (1, (4, 8), (4, 8)), (2, (12, 14), (12, 14))]:
        x = rng.randint(0, 256, (channels, 8, 10)).to(torch.uint8)
        mean, std = rng.rand(channels).tolist(), (rng.rand(channels) + 0.2).tolist()
        top, left = max(h - 8, 0) // 2, max(w - 10, 0) // 2
        border = padded_by_numpy(x, (left, top), "constant", 0)
        top, left = max(8 - h, 0) // 2, max(10 - w, 0) // 2
        expected = normalized(border[:, top : top + h, left : left + w], mean, std)
        for result in submission.run(transformed, "val_tf", x, 5, [size, mean, std]):
            assert_tensor(result, expected)


@check(
    points=2,
    zh="train_tf 的每个结果都是四周补 4 个零之后的一个窗口，一半左右翻转，再标准化。",
    hint="Pad by 4, crop, flip left and right with 0.5, then / 255 and normalize, in this order.",
    hint_zh="顺序是：补 4 个零、裁剪、以 0.5 的概率左右翻转，然后除以 255 并标准化。",
)
def test_train_tf_gives_windows_and_their_mirror_images(submission, rng):
    """train_tf gives windows of the padded picture, half of them mirrored, and normalized."""
    for size, (h, w) in [((8, 7), (8, 7)), (11, (11, 11))]:
        x = (1 + rng.randint(0, 255, (3, 10, 9))).to(torch.uint8)
        mean, std = rng.rand(3).tolist(), (rng.rand(3) + 0.2).tolist()
        border = padded_by_numpy(x, (4,), "constant", 0)
        choices = windows_of(border, h, w).flatten(0, 1)
        choices = normalized(torch.cat([choices, choices.flip(-1)]), mean, std)
        found = submission.run(transformed, "train_tf", x, 60, [size, mean, std])
        chosen = []
        for result in found:
            assert_equal((result.shape, result.dtype), (torch.Size([3, h, w]), torch.float32))
            distances = (choices - result).abs().flatten(1).amax(1)
            assert distances.min() < 1e-4, "this is no window of the padded picture, normalized"
            chosen.append(int(distances.argmin()))
        mirrored = sum(2 * choice >= len(choices) for choice in chosen)
        assert 8 <= mirrored <= 52, "about half of the pictures should be mirrored"
        assert len(set(chosen)) > 25, "too few different windows"
        rows, columns = border.shape[1] - h + 1, border.shape[2] - w + 1
        reached = {
            row in (0, rows - 1) or column in (0, columns - 1)
            for row, column in (divmod(choice % (rows * columns), columns) for choice in chosen)
        }
        assert True in reached, "no window ever reaches the outermost zeros"
