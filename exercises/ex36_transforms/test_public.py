"""Public checks of ex36_transforms: the numbers of the notes, and small pictures beside them."""

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import v2

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe, raises


@probe
def tensor_of(student, array, as_picture):
    """Return the tensor that MyToTensor makes of an array, or of a picture of PIL made of it."""
    picture = Image.fromarray(array) if as_picture else array
    return student.MyToTensor()(picture)


@probe
def there_and_back(student, mean, std, x):
    """Return x normalized, and that put back by inverse."""
    normalize = student.MyNormalize(mean, std)
    y = normalize(x)
    return y, normalize.inverse(y)


@probe
def normalized_pil(student):
    """Give a picture of PIL to MyNormalize, as a pipeline without MyToTensor does."""
    steps = [student.MyNormalize([0.5], [0.5]), student.MyToTensor()]
    student.MyCompose(steps)(Image.new("L", (4, 3)))


@probe
def through_steps(student, x):
    """Return x after three small steps in a row, and after none."""
    steps = [lambda x: x + 1, lambda x: x * 10, lambda x: x.flip(-1)]
    return student.MyCompose(steps)(x), student.MyCompose([])(x)


@probe
def resized_sizes(student, sizes):
    """Return the sizes of a picture of PIL, 500 wide and 375 high, after each make_resize(size)."""
    picture = Image.new("RGB", (500, 375))
    return [student.make_resize(size)(picture).size for size in sizes]


@probe
def resized_shape(student, x, size):
    """Return the shape of a tensor after make_resize(size)."""
    return tuple(student.make_resize(size)(x).shape)


@probe
def piped(student, array, size):
    """Return what default_pipeline makes of a picture of PIL, as a plain tensor."""
    result = student.default_pipeline(size)(Image.fromarray(array))
    return result.as_subclass(torch.Tensor) if isinstance(result, torch.Tensor) else result


@check(
    points=1,
    zh="MyToTensor 把笔记里 5x5x3 的数组变成形状 (3, 5, 5)、第 r 行为 r/255 的张量。",
    hint="Channels to the front, rows before columns, and 8-bit values divided by 255.",
    hint_zh="通道移到最前面，行仍在列之前；8 位的值要除以 255。",
)
def test_to_tensor_on_the_array_of_the_notes(submission):
    """MyToTensor turns the 5x5x3 array of the notes into (3, 5, 5), with row r equal to r / 255."""
    rows = np.arange(1, 6, dtype=np.uint8)[:, None, None]
    array = np.ascontiguousarray(np.broadcast_to(rows, (5, 5, 3)))
    expected = (torch.arange(1.0, 6) / 255)[None, :, None].expand(3, 5, 5)
    mistakes = [
        Mistake(
            expected.transpose(1, 2),
            en="Rows and columns have changed places: from (H, W, C) to (C, H, W) only the "
            "channels move.",
            zh="行和列对调了：从 (H, W, C) 到 (C, H, W)，移动的只有通道。",
        ),
        Mistake(
            expected * 255,
            en="These are the 8-bit values themselves: they are to be divided by 255.",
            zh="这是 8 位的原值，还没有除以 255。",
        ),
    ]
    assert_tensor(submission.run(tensor_of, array, as_picture=False), expected, mistakes=mistakes)


@check(
    points=1,
    zh="MyToTensor 也接受 PIL 图像：7 宽 5 高的彩色图变成 (3, 5, 7)，灰度图变成 (1, 5, 7)。",
    hint="np.array(picture) is (H, W, C), or (H, W) for a grey picture; then it is an array.",
    hint_zh="np.array(picture) 是 (H, W, C)，灰度图则是 (H, W)；之后就和数组一样处理。",
)
def test_to_tensor_of_a_picture_of_pil(submission, rng):
    """MyToTensor makes (3, 5, 7) of a picture 7 wide and 5 high, (1, 5, 7) of a grey one."""
    pixels = rng.randint(0, 256, (3, 5, 7))
    colours = pixels.permute(1, 2, 0).to(torch.uint8).numpy()
    assert_tensor(submission.run(tensor_of, colours.copy(), as_picture=True), pixels / 255)
    grey = colours[:, :, 0].copy()
    assert_tensor(submission.run(tensor_of, grey, as_picture=True), pixels[:1] / 255)


@check(
    points=1,
    zh="均值和标准差都取 0.5 时，0 变成 -1，0.5 变成 0，1 变成 1；inverse 能还原。",
    hint="(x - mean) / std; backwards, the last step is undone first: y * std + mean.",
    hint_zh="(x - mean) / std；反过来先撤销最后一步：y * std + mean。",
)
def test_normalize_with_a_half(submission):
    """With mean and std 0.5, 0 becomes -1, 0.5 becomes 0 and 1 becomes 1; inverse undoes it."""
    x = torch.tensor([0, 0.25, 0.5, 0.75, 1, 0.1]).reshape(1, 2, 3)
    expected = torch.tensor([-1, -0.5, 0, 0.5, 1, -0.8]).reshape(1, 2, 3)
    there, back = submission.run(there_and_back, [0.5], [0.5], x)
    assert_tensor(there, expected)
    assert_tensor(back, x)


@check(
    points=1,
    zh="MyCompose 按列表的顺序执行各步；MyNormalize 排在 MyToTensor 之前时抛出 TypeError。",
    hint="Each step gets what the one before it returned. MyNormalize looks at the type first.",
    hint_zh="每一步的输入是上一步的返回值。MyNormalize 要先检查 x 的类型。",
)
def test_compose_keeps_the_order(submission, rng):
    """MyCompose goes in the list's order; MyNormalize before MyToTensor raises TypeError."""
    x = rng.randn(2, 3)
    after_three, after_none = submission.run(through_steps, x)
    assert_tensor(after_three, ((x + 1) * 10).flip(-1))
    assert_tensor(after_none, x)
    with raises(TypeError):
        submission.run(normalized_pil)


@check(
    points=1,
    zh="short_edge_size 与 Resize(int) 一致：500x375 缩到 128 得 170x128；小于 1 时报错。",
    hint="The shorter edge becomes s; the longer one is s * longer // shorter. Which is shorter?",
    hint_zh="短边变成 s，长边是 s * 长边 // 短边。哪一条是短边？",
)
def test_short_edge_size_as_resize_has_it(submission, rng):
    """short_edge_size(500, 375, 128) is (170, 128), as Resize does it; sizes below 1 raise."""
    assert_equal(submission.short_edge_size(500, 375, 128), (170, 128))
    assert_equal(submission.short_edge_size(375, 500, 128), (128, 170))
    assert_equal(submission.short_edge_size(1, 3, 1), (1, 3))
    for _ in range(6):
        w, h, s = rng.integer(20, 300), rng.integer(20, 300), rng.integer(5, 200)
        expected = v2.Resize(s)(Image.new("L", (w, h))).size
        assert_equal(submission.short_edge_size(w, h, s), expected)
    for sizes in [(0, 5, 3), (5, 0, 3), (5, 4, 0)]:
        with raises(ValueError):
            submission.short_edge_size(*sizes)


@check(
    points=1,
    zh="make_resize((行, 列)) 得到恰好这么大的图像；make_resize(128) 保持长宽比。",
    hint="PIL says (width, height), Resize wants (rows, columns). One number is the shorter edge.",
    hint_zh="PIL 的尺寸是 (宽, 高)，Resize 要的是 (行, 列)。只给一个数时，它是短边。",
)
def test_resize_to_a_pair_and_to_a_number(submission, rng):
    """make_resize gives rows and columns of a pair, and keeps the ratio for one number."""
    found = submission.run(resized_sizes, [(256, 256), (60, 40), 128])
    assert_equal(found, [(256, 256), (40, 60), (170, 128)])
    assert_equal(submission.run(resized_shape, rng.rand(3, 20, 30), (6, 5)), (3, 6, 5))
    assert_equal(submission.run(resized_shape, rng.rand(2, 3, 20, 30), 10), (2, 3, 10, 15))


@check(
    points=1,
    zh="dataset_mean_std 算出一批图像各通道的均值和标准差，结果是 float64。",
    hint="One mean for each channel, so all axes but the channels' are gone; divide by all pixels.",
    hint_zh="每个通道一个均值，所以除通道以外的轴都要归并；除数是全部像素的个数。",
)
def test_mean_and_std_of_one_batch(submission, rng):
    """dataset_mean_std gives mean and standard deviation of the channels of a batch, in float64."""
    x = rng.rand(5, 3, 4, 6) * torch.tensor([0.2, 0.5, 1.0])[:, None, None]
    mean, std = submission.dataset_mean_std([(x, torch.arange(5))])
    x = x.double()
    assert_tensor(mean, x.mean((0, 2, 3)), rtol=1e-4)
    one_less = Mistake(
        x.std((0, 2, 3)),
        en="The squared distances were divided by one less than the number of pixels.",
        zh="平方差之和除以的是像素个数减一，而应当是像素个数。",
    )
    assert_tensor(std, x.std((0, 2, 3), correction=0), rtol=1e-4, mistakes=[one_less])


@check(
    points=1,
    zh="default_pipeline 把彩色图变成 (3, 行, 列) 的 float32 张量，黑为 -1，白为 1。",
    hint="Convert, resize, to a tensor from 0 to 1, and then (x - 0.5) / 0.5.",
    hint_zh="依次是：转成 RGB、缩放、变成 0 到 1 的张量，最后 (x - 0.5) / 0.5。",
)
def test_pipeline_gives_values_from_minus_one_to_one(submission):
    """default_pipeline gives a float32 tensor (3, rows, columns), -1 for black and 1 for white."""
    array = np.zeros((40, 60, 3), np.uint8)
    array[:, 30:] = 255
    result = submission.run(piped, array, (12, 20))
    expected = torch.ones(3, 12, 20)
    expected[:, :, :10] = -1
    assert_equal((result.shape, result.dtype), (expected.shape, torch.float32))
    edges = [0, 1, 2, 3, 16, 17, 18, 19]  # away from the border between black and white
    assert_tensor(result[:, :, edges], expected[:, :, edges], rtol=0, atol=0.02)
