"""Hidden checks of ex36_transforms: pictures of every kind, errors, and data in uneven batches."""

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import v2

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe, raises


@probe
def tensors_of(student, arrays, as_pictures):
    """Return what MyToTensor makes of arrays, or of pictures of PIL made of them."""
    to_tensor = student.MyToTensor()
    return [to_tensor(Image.fromarray(array) if as_pictures else array) for array in arrays]


@probe
def tensors_of_views(student, array):
    """Return the tensors of an array seen backwards, in steps, and turned on its side."""
    views = [
        array[:, :, ::-1],
        array[::-1],
        array[:, ::2],
        array.transpose(1, 0, 2),
        array[:, :, 1],
        array[::-1, ::-1, 0],
    ]
    return [student.MyToTensor()(view) for view in views]


@probe
def tensor_of_something(student, kind):
    """Give MyToTensor what is no picture."""
    things = {
        "a tensor": torch.zeros(3, 4, 5),
        "a list": [[0, 1], [2, 3]],
        "nothing": None,
        "a row": np.zeros(5, np.uint8),
        "a batch": np.zeros((2, 4, 5, 3), np.uint8),
    }
    student.MyToTensor()(things[kind])


@probe
def resize_something(student, kind):
    """Give a transform of make_resize what is no picture."""
    things = {"an array": np.zeros((4, 5, 3), np.uint8), "a list": [[0, 1], [2, 3]]}
    student.make_resize((2, 3))(things[kind])


@probe
def normalized(student, cases):
    """Return x normalized, and x through inverse, for every (mean, std, x)."""
    found = []
    for mean, std, x in cases:
        normalize = student.MyNormalize(mean, std)
        found.append((normalize(x), normalize.inverse(x)))
    return found


@probe
def normalized_gradients(student, mean, std, x, upstream):
    """Return x after both calls, and the gradients that reach it from each."""
    normalize = student.MyNormalize(mean, std)
    gradients = []
    for function in (normalize, normalize.inverse):
        leaf = x.clone().requires_grad_()
        output = function(leaf)
        if output.requires_grad:
            (output * upstream).sum().backward()
        gradients.append(leaf.grad)
    normalize(x)
    normalize.inverse(x)
    return x, gradients


@probe
def normalize_with(student, mean, std, x, backwards):
    """Make a MyNormalize; call it, or its inverse, with x if there is one."""
    normalize = student.MyNormalize(mean, std)
    if x is None:
        return None
    return normalize.inverse(x) if backwards else normalize(x)


@probe
def resized_pictures(student, array, sizes, nearest):
    """Return mode and pixels of a picture of PIL after make_resize(size), for each size."""
    picture = Image.fromarray(array)
    resized = [student.make_resize(size, nearest=nearest)(picture) for size in sizes]
    return [(result.mode, np.array(result)) for result in resized]


@probe
def resized_tensors(student, tensors, sizes, nearest):
    """Return each tensor after make_resize(size), for each size."""
    transforms = [student.make_resize(size, nearest=nearest) for size in sizes]
    return [[transform(x) for transform in transforms] for x in tensors]


@probe
def mean_std_once(student, batches):
    """Return dataset_mean_std of batches that can be gone through only once."""
    return student.dataset_mean_std(batch for batch in batches)


@probe
def piped_modes(student, array, modes, sizes):
    """Return what default_pipeline makes of one picture in several modes, as plain tensors."""
    found = []
    for mode in modes:
        picture = Image.fromarray(array)
        if mode != picture.mode:
            picture = picture.convert(mode)
        for size in sizes:
            result = student.default_pipeline(size)(picture)
            is_tensor = isinstance(result, torch.Tensor)
            found.append(result.as_subclass(torch.Tensor) if is_tensor else result)
    return found


def drawn_array(rng, *shape):
    """Return an array of random bytes."""
    return rng.randint(0, 256, shape).to(torch.uint8).numpy()


def shrunk(array, size):
    """Return the tensor that a small picture is for a network: RGB, resized, from -1 to 1."""
    picture = v2.Resize(size)(Image.fromarray(array).convert("RGB"))
    return v2.functional.pil_to_tensor(picture) / 127.5 - 1


@check(
    points=2,
    zh="MyToTensor 接受灰度、RGB、RGBA 的 PIL 图像，以及各种尺寸和通道数的 uint8 数组。",
    hint="Make a grey array (H, W, 1) first; then one way of moving the axes does for all.",
    hint_zh="先把灰度数组变成 (H, W, 1)，之后用同一种方式移动各轴即可。",
)
def test_to_tensor_of_every_kind_of_picture(submission, rng):
    """MyToTensor takes grey, RGB and RGBA pictures and uint8 arrays of any size and channels."""
    shapes = [(4, 9), (6, 2, 3), (3, 8, 4), (1, 1), (1, 5, 3), (7, 1, 4)]
    arrays = [drawn_array(rng, *shape) for shape in shapes]
    expected = [torch.from_numpy(np.atleast_3d(a)).permute(2, 0, 1) / 255 for a in arrays]
    for result, pixels in zip(
        submission.run(tensors_of, arrays, as_pictures=True), expected, strict=True
    ):
        assert_tensor(result, pixels)
    arrays += [drawn_array(rng, 3, 4, 2), drawn_array(rng, 2, 5, 6)]
    expected += [torch.from_numpy(a).permute(2, 0, 1) / 255 for a in arrays[-2:]]
    for result, pixels in zip(
        submission.run(tensors_of, arrays, as_pictures=False), expected, strict=True
    ):
        assert_tensor(result, pixels)


@check(
    points=2,
    zh="浮点数和整数（非 uint8）数组不除以 255，dtype 也不变。",
    hint="Only uint8 is known to go from 0 to 255; ask the dtype before you divide.",
    hint_zh="只有 uint8 才能肯定是 0 到 255；除之前先看 dtype。",
)
def test_to_tensor_divides_only_eight_bits(submission, rng):
    """MyToTensor keeps values and dtype of arrays that are not uint8."""
    for dtype in (np.float32, np.float64, np.int32, np.int64):
        array = drawn_array(rng, 4, 6, 3).astype(dtype)
        expected = torch.from_numpy(array).permute(2, 0, 1)
        (result,) = submission.run(tensors_of, [array], as_pictures=False)
        divided = Mistake(
            expected.double() / 255,
            en="These values were divided by 255. Only those of uint8 are to be.",
            zh="这些值被除以了 255；只有 uint8 才应当除。",
        )
        assert_tensor(result, expected, mistakes=[divided])


@check(
    points=1,
    zh="反向、跳步或转置的数组视图也能变成张量，例如 OpenCV 常用的 array[:, :, ::-1]。",
    hint="torch.from_numpy takes no negative strides: make a copy of the array before.",
    hint_zh="torch.from_numpy 不接受负步长：先把数组复制一份。",
)
def test_to_tensor_of_turned_arrays(submission, rng):
    """MyToTensor takes arrays that are seen backwards, in steps or transposed."""
    array = drawn_array(rng, 5, 8, 3)
    x = torch.from_numpy(array.copy()).permute(2, 0, 1) / 255
    expected = [x.flip(0), x.flip(1), x[:, :, ::2], x.transpose(1, 2), x[1:2], x[:1].flip(1, 2)]
    found = submission.run(tensors_of_views, array)
    for result, pixels in zip(found, expected, strict=True):
        assert_tensor(result, pixels)


@check(
    points=2,
    zh="输入不是图像时，MyToTensor 和 make_resize 抛出 TypeError；数组维数不对则是 ValueError。",
    hint="v2 lets what it does not know pass in silence, arrays too. Look at the type yourself.",
    hint_zh="v2 遇到不认识的东西会原样放过，数组也是。类型要自己检查。",
)
def test_what_is_no_picture_is_refused(submission):
    """MyToTensor and make_resize raise TypeError for other types; 1-d or 4-d arrays, ValueError."""
    for kind in ("a tensor", "a list", "nothing"):
        with raises(TypeError):
            submission.run(tensor_of_something, kind)
    for kind in ("a row", "a batch"):
        with raises(ValueError):
            submission.run(tensor_of_something, kind)
    for kind in ("an array", "a list"):
        with raises(TypeError):
            submission.run(resize_something, kind)


@check(
    points=2,
    zh="MyNormalize 和 inverse 对单张图和成批的图都逐通道计算，dtype 与 x 相同。",
    hint="Give mean and std the shape (C, 1, 1) and the dtype of x; then they meet the channels.",
    hint_zh="把 mean 和 std 变成 (C, 1, 1) 的形状、x 的 dtype，才能与通道对齐。",
)
def test_normalize_works_channel_by_channel(submission, rng):
    """MyNormalize and inverse treat each channel alone, in pictures and batches, in x's dtype."""
    cases = []
    for shape in [(3, 4, 5), (2, 3, 4, 3), (2, 3, 1, 2, 2), (4, 4, 4), (0, 3, 2, 2)]:
        mean, std = rng.rand(shape[-3], dtype=torch.float64), rng.rand(shape[-3]) + 0.2
        for dtype in (torch.float32, torch.float64):
            x = rng.randn(*shape, dtype=dtype)
            cases += [(mean.tolist(), std.tolist(), x), (mean, std, x)]
    for found, (mean, std, x) in zip(submission.run(normalized, cases), cases, strict=True):
        shift, scale = (
            torch.as_tensor(values, dtype=torch.float64).to(x.dtype)[:, None, None]
            for values in (mean, std)
        )
        assert_tensor(found[0], (x - shift) / scale)
        assert_tensor(found[1], x * scale + shift)


@check(
    points=1,
    zh="MyNormalize 和 inverse 让梯度传到 x，也不改动 x 本身。",
    hint="No numpy, no .data, no detach(), and nothing whose name ends in _ on x.",
    hint_zh="不要经过 numpy、.data、detach()，也不要对 x 用名字以 _ 结尾的操作。",
)
def test_normalize_leaves_x_alone_and_passes_gradients(submission, rng):
    """MyNormalize and inverse let gradients through to x and do not change x."""
    mean, std = [0.3, 0.5], [0.25, 2.0]
    x = rng.randn(3, 2, 4, 5, dtype=torch.float64)
    upstream = rng.randn(3, 2, 4, 5, dtype=torch.float64)
    after, gradients = submission.run(normalized_gradients, mean, std, x, upstream)
    assert_tensor(after, x)
    scale = torch.tensor(std, dtype=torch.float64)[:, None, None]
    assert_tensor(gradients[0], upstream / scale)
    assert_tensor(gradients[1], upstream * scale)


@check(
    points=1,
    zh="MyNormalize 和 inverse 的结果与 x 在同一个设备上。",
    hint="mean and std have to go to the device of x, and only x knows which that is.",
    hint_zh="mean 和 std 要放到 x 所在的设备上，而只有 x 知道是哪个设备。",
)
def test_normalize_stays_on_the_device(submission, rng):
    """The results of MyNormalize and inverse are on the device of x."""
    cases = [([0.1, 0.2, 0.3], [1.0, 2.0, 3.0], rng.randn(3, 4, 5))]
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    ((there, back),) = submission.on("meta").run(normalized, cases)
    assert_tensor(there, torch.empty(3, 4, 5, device="meta"))
    assert_tensor(back, torch.empty(3, 4, 5, device="meta"))


@check(
    points=2,
    zh="通道数不符、标准差为 0、个数不同或维数太少时是 ValueError；不是浮点张量时是 TypeError。",
    hint="Broadcasting hides a wrong number of channels: 1 fits 3. Compare the numbers yourself.",
    hint_zh="广播会掩盖通道数的错误：1 和 3 也能广播。个数要自己比较。",
)
def test_normalize_refuses_what_does_not_fit(submission, rng):
    """MyNormalize raises ValueError for other channels or a std of 0, TypeError for other x."""
    three = [0.5, 0.4, 0.3]
    pictures = [rng.rand(*shape) for shape in [(4, 2, 3), (1, 5, 4), (2, 1, 3, 3), (3, 5), (3,)]]
    wrong = [(three, three, x) for x in pictures] + [([0.5], [0.5], rng.rand(3, 4, 5))]
    wrong += [(three, [0.5, 0.0, 0.3], None), (three, [0.5], None), ([0.5], three, None)]
    wrong += [(torch.tensor(three), torch.tensor([0.0, 1.0, 1.0]), None)]
    for mean, std, x in wrong:
        for backwards in (False, True):
            with raises(ValueError):
                submission.run(normalize_with, mean, std, x, backwards)
    whole = rng.randint(0, 256, (3, 4, 5))
    for x in (whole.to(torch.uint8), whole, whole.float().numpy(), whole.tolist()):
        for backwards in (False, True):
            with raises(TypeError):
                submission.run(normalize_with, three, three, x, backwards)


@check(
    points=2,
    zh="make_resize 对 PIL 图像和张量的结果都与 torchvision 的 Resize 一致；nearest 不产生新值。",
    hint="Hand the size on as it is; nearest=True means InterpolationMode.NEAREST.",
    hint_zh="尺寸原样传下去；nearest=True 对应 InterpolationMode.NEAREST。",
)
def test_resize_as_torchvision_does(submission, rng):
    """make_resize gives what torchvision's Resize gives; with nearest it makes no new values."""
    sizes = [(5, 7), (30, 41), 8, 33]
    tall = [rng.rand(3, 26, 20), rng.randint(0, 256, (2, 3, 15, 26)).to(torch.uint8)]
    for nearest in (False, True):
        mode = v2.InterpolationMode.NEAREST if nearest else v2.InterpolationMode.BILINEAR
        resizes = [v2.Resize(size, interpolation=mode) for size in sizes]
        for array in (drawn_array(rng, 26, 17, 3), drawn_array(rng, 12, 20)):
            picture = Image.fromarray(array)
            expected = [(picture.mode, np.array(resize(picture))) for resize in resizes]
            assert_equal(submission.run(resized_pictures, array, sizes, nearest), expected)
        found = submission.run(resized_tensors, tall, sizes, nearest)
        for results, x in zip(found, tall, strict=True):
            for result, resize in zip(results, resizes, strict=True):
                assert_tensor(result, resize(x))


@check(
    points=2,
    zh="各批的大小和图像尺寸不同时，dataset_mean_std 仍算全部像素；没有批时抛出 ValueError。",
    hint="Add up sums and numbers of pixels over all batches, and divide once, at the end.",
    hint_zh="把各批的和与像素个数累加起来，最后只除一次。",
)
def test_mean_and_std_over_uneven_batches(submission, rng):
    """dataset_mean_std is that of all pixels when the batches differ; without any, ValueError."""
    batches = []
    for n, h, w, level in [(5, 4, 6, 0), (1, 4, 6, 3), (2, 9, 3, -2), (3, 1, 1, 5)]:
        x = rng.rand(n, 2, h, w) * torch.tensor([1.0, 4.0])[:, None, None] + level
        batches.append((x, torch.arange(n)))
    pixels = torch.cat([x.double().transpose(0, 1).flatten(1) for x, _ in batches], 1)
    means = torch.stack([x.double().mean((0, 2, 3)) for x, _ in batches]).mean(0)
    mean, std = submission.run(mean_std_once, batches)
    even = Mistake(
        means,
        en="This is the mean of the batches' means, in which a small batch counts as much as a "
        "large one.",
        zh="这是各批均值的均值：小批和大批被同等看待了。",
    )
    assert_tensor(mean, pixels.mean(1), rtol=1e-4, mistakes=[even])
    assert_tensor(std, pixels.std(1, correction=0), rtol=1e-4)
    with raises(ValueError):
        submission.run(mean_std_once, [])


@check(
    points=1,
    zh="值很大而差别很小时，dataset_mean_std 仍然准确；常数通道的标准差是 0。",
    hint="Add up in float64, and let no rounding make the variance negative before the root.",
    hint_zh="用 float64 累加；开方之前，别让舍入误差把方差变成负数。",
)
def test_mean_and_std_of_small_differences(submission, rng):
    """dataset_mean_std stays exact where values are large and differ little, or not at all."""
    batches = []
    for n in (4, 7):
        x = rng.rand(n, 4, 5, 6) * 0.1 + 1000
        x[:, 1], x[:, 2], x[:, 3] = 0.1, 0.7, 0.3
        batches.append((x, None))
    pixels = torch.cat([x.double() for x, _ in batches])
    mean, std = submission.dataset_mean_std(batches)
    assert_tensor(mean, pixels.mean((0, 2, 3)), rtol=1e-9)
    assert_tensor(std, pixels.std((0, 2, 3), correction=0), rtol=1e-5, atol=1e-6)


@check(
    points=2,
    zh="default_pipeline 接受各种模式的图像，结果总是 3 个通道、指定的尺寸。",
    hint='picture.convert("RGB") comes first: it drops the alpha and looks colours up.',
    hint_zh='先做 picture.convert("RGB")：它去掉透明通道，也把调色板换成真正的颜色。',
)
def test_pipeline_takes_pictures_of_every_mode(submission, rng):
    """default_pipeline makes three channels of the right size of pictures of every mode."""
    sizes = [(9, 14), (40, 30), (6, 6)]
    for array, modes in [
        (drawn_array(rng, 24, 31, 3), ["RGB", "P", "CMYK"]),
        (drawn_array(rng, 24, 31, 4), ["RGBA"]),
        (drawn_array(rng, 24, 31), ["L", "1"]),
    ]:
        pictures = []
        for mode in modes:
            picture = Image.fromarray(array)
            pictures.append(np.array(picture.convert(mode).convert("RGB")))
        found = submission.run(piped_modes, array, modes, sizes)
        expected = [shrunk(pixels, size) for pixels in pictures for size in sizes]
        for result, pixels in zip(found, expected, strict=True):
            assert_tensor(result, pixels, rtol=0, atol=0.03)
