"""Public checks of ex37_augmentation: rows of four pixels, and windows of small pictures."""

import torch
from torch.nn.functional import pad

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe, raises

ROW = torch.tensor([[1, 2, 3, 4]])


@probe
def crops(student, x, size, n, settings):
    """Return n random crops of one picture."""
    return [student.random_crop(x, size, **settings) for _ in range(n)]


@probe
def flipped(student, name, x, p, n):
    """Return how many of n calls returned another picture than x."""
    flip = getattr(student, name)
    return sum(not torch.equal(flip(x, p), x) for _ in range(n))


@probe
def transformed(student, name, x, n, settings):
    """Return what n calls of one transform make of a picture."""
    transform = getattr(student, name)(*settings)
    return [transform(x) for _ in range(n)]


def is_window(crop, picture):
    """Whether a crop (C, h, w) is cut out of a picture (C, H, W)."""
    h, w = crop.shape[-2:]
    windows = picture.unfold(1, h, 1).unfold(2, w, 1)  # (C, rows, columns, h, w)
    return bool((windows == crop[:, None, None]).all(-1).all(-1).all(0).any())


@check(
    points=1,
    zh="pad2 把 1 2 3 4 左右各补两个：四种模式的结果都与笔记中的一致。",
    hint="reflect: the mirror stands on the last pixel; symmetric: it stands behind it.",
    hint_zh="reflect 的镜子立在最后一个像素上；symmetric 的镜子立在它后面。",
)
def test_pad2_on_the_row_of_the_notes(submission):
    """pad2 of 1 2 3 4 by two on the left and right gives the rows of the notes in all modes."""
    rows = {
        "constant": [0, 0, 1, 2, 3, 4, 0, 0],
        "edge": [1, 1, 1, 2, 3, 4, 4, 4],
        "reflect": [3, 2, 1, 2, 3, 4, 3, 2],
        "symmetric": [2, 1, 1, 2, 3, 4, 4, 3],
    }
    mirrored = Mistake(
        torch.tensor([rows["symmetric"]]),
        en="The last pixel stands there twice: that is symmetric. reflect mirrors at the pixel.",
        zh="最后一个像素出现了两次：那是 symmetric。reflect 以这个像素为镜面。",
    )
    for mode, row in rows.items():
        mistakes = [mirrored] if mode == "reflect" else []
        result = submission.pad2(ROW, (2, 0), mode)
        assert_tensor(result, torch.tensor([row]), mistakes=mistakes)


@check(
    points=1,
    zh="两个数的 padding 是（左右、上下），四个数是（左、上、右、下）；fill 是填进去的值。",
    hint="left and top come first. torch.nn.functional.pad has another order.",
    hint_zh="先左后上。torch.nn.functional.pad 的顺序不同。",
)
def test_pad2_sides(submission, rng):
    """Two paddings are (left and right, top and bottom), four (left, top, right, bottom)."""
    x = rng.randn(2, 4, 3)
    assert_tensor(submission.pad2(x, 1), pad(x, (1, 1, 1, 1)))
    assert_tensor(submission.pad2(x, [3, 1]), pad(x, (3, 3, 1, 1)))
    expected = pad(x, (1, 0, 2, 4), value=7)
    assert_tensor(submission.pad2(x, (1, 2, 0, 4), fill=7), expected)


@check(
    points=1,
    zh="center_crop 从四周切去同样多；图像较小时四周补同样多的零。",
    hint="What is left over is divided by two; a negative rest is what has to be added.",
    hint_zh="多出来的部分除以二；如果是负数，就是要补的部分。",
)
def test_center_crop_cuts_and_adds(submission, rng):
    """center_crop takes equally much from both sides, and adds zeros to a smaller picture."""
    x = rng.randn(3, 8, 6)
    assert_tensor(submission.center_crop(x, (4, 2)), x[:, 2:6, 2:4])
    assert_tensor(submission.center_crop(x, 6), x[:, 1:7])
    assert_tensor(submission.center_crop(x, (10, 12)), pad(x, (3, 3, 1, 1)))
    assert_tensor(submission.center_crop(x, (2, 10)), pad(x[:, 3:5], (2, 2)))


@check(
    points=1,
    zh="random_crop(x, 32, 4) 是从填充后的 40x40 图像里切出的 32x32，每次不同。",
    hint="First pad, then draw where the window begins; draw anew at each call.",
    hint_zh="先填充，再随机取窗口的起点；每次调用都重新取。",
)
def test_random_crop_of_a_padded_picture(submission, rng):
    """random_crop(x, 32, 4) cuts 32x32 out of the picture padded to 40x40, elsewhere each time."""
    x = rng.rand(3, 32, 32)
    found = submission.run(crops, x, 32, 20, {"padding": 4})
    for crop in found:
        assert_equal(tuple(crop.shape), (3, 32, 32))
        assert is_window(crop, pad(x, (4, 4, 4, 4))), "this crop is no window of the picture"
    assert len({crop.numpy().tobytes() for crop in found}) > 4, "almost all the crops are the same"


@check(
    points=1,
    zh="窗口比图像大时 random_crop 抛出 ValueError；设置 pad_if_needed 后能得到要求的尺寸。",
    hint="Compare the sizes after padding. pad_if_needed adds what is missing on each side.",
    hint_zh="填充之后再比较尺寸。pad_if_needed 在每一侧都补上所缺的数目。",
)
def test_random_crop_of_a_picture_that_is_too_small(submission, rng):
    """random_crop raises ValueError for a window that is too large, unless pad_if_needed."""
    x = rng.rand(2, 5, 9)
    for size in [(6, 4), (3, 10), 6]:
        with raises(ValueError):
            submission.random_crop(x, size)
    for size, padding, shape in [((6, 4), None, (2, 6, 4)), (11, (1, 0), (2, 11, 11))]:
        result = submission.random_crop(x, size, padding, pad_if_needed=True)
        assert_equal(tuple(result.shape), shape)


@check(
    points=1,
    zh="p=1 时 hflip 左右翻转、vflip 上下翻转；p=0 时都不翻转。",
    hint="The columns are the last axis and the rows the one before; count axes from the end.",
    hint_zh="列是最后一个轴，行是倒数第二个；轴要从后往前数。",
)
def test_flips_with_certainty(submission, rng):
    """hflip changes left and right, vflip top and bottom, always with p = 1, never with p = 0."""
    square = torch.tensor([[0, 1], [2, 3]])
    assert_tensor(submission.hflip(square, 1), torch.tensor([[1, 0], [3, 2]]))
    assert_tensor(submission.vflip(square, 1), torch.tensor([[2, 3], [0, 1]]))
    x = rng.randn(3, 4, 5)
    assert_tensor(submission.hflip(x, 1.0), x.flip(2))
    assert_tensor(submission.vflip(x, 1.0), x.flip(1))
    assert_equal([submission.run(flipped, name, x, 0.0, 50) for name in ("hflip", "vflip")], [0, 0])


@check(
    points=1,
    zh="p=0.5 时，400 次里大约翻转一半。",
    hint="Draw a number from 0 to 1 at each call and compare it with p. Never set the seed inside.",
    hint_zh="每次调用取一个 0 到 1 的随机数，与 p 比较。函数里不要设置随机种子。",
)
def test_flips_half_of_the_time(submission, rng):
    """With p = 0.5 about half of 400 calls flip the picture."""
    x = rng.randn(2, 3)
    for name in ("hflip", "vflip"):
        count = submission.run(flipped, name, x, 0.5, 400)
        assert 140 <= count <= 260, f"{name} flipped {count} of 400 pictures"


@check(
    points=1,
    zh="val_tf 每次都给出同样的结果：标准化之后的正中部分。",
    hint="Validation measures the model; with random pictures it would measure luck as well.",
    hint_zh="验证是为了衡量模型；图像若是随机的，衡量的就还有运气。",
)
def test_val_tf_is_the_same_each_time(submission, rng):
    """val_tf gives the normalized middle of the picture, the same each time."""
    x = rng.randint(0, 256, (3, 12, 10)).to(torch.uint8)
    settings = [(8, 6), [0.5, 0.4, 0.3], [0.2, 0.25, 0.5]]
    mean, std = (torch.tensor(values)[:, None, None] for values in settings[1:])
    expected = (x[:, 2:10, 2:8] / 255 - mean) / std
    for result in submission.run(transformed, "val_tf", x, 10, settings):
        assert_tensor(result, expected)


@check(
    points=1,
    zh="train_tf 每次给出不同的图像，形状和 dtype 相同。",
    hint="Call random_crop and hflip inside the transform, not where it is made.",
    hint_zh="random_crop 和 hflip 要在变换被调用时执行，而不是在创建变换时。",
)
def test_train_tf_differs_each_time(submission, rng):
    """train_tf gives another picture each time, of one shape and of dtype float32."""
    x = rng.randint(0, 256, (3, 12, 10)).to(torch.uint8)
    found = submission.run(transformed, "train_tf", x, 12, [(8, 6), [0.5] * 3, [0.5] * 3])
    for result in found:
        assert_equal((result.shape, result.dtype), (torch.Size([3, 8, 6]), torch.float32))
    assert len({result.numpy().tobytes() for result in found}) > 3, "almost all are the same"
