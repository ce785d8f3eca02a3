"""Hidden checks of ex35_opencv_processing: what a lucky or a typed-in answer does not pass."""

import cv2
import numpy as np
import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
)

CLOSED = {"en": "This is a closing: dilated, then eroded.", "zh": "这是闭运算：先膨胀，后腐蚀。"}
OPENED = {"en": "This is an opening: eroded, then dilated.", "zh": "这是开运算：先腐蚀，后膨胀。"}
ONCE = {"en": "It was done once, whatever n is.", "zh": "不管 n 是多少，都只做了一次。"}
CLOCKWISE = {"en": "It was turned the other way round.", "zh": "转反了方向。"}


@probe
def results(student, calls):
    """Return what each of some calls (name, arguments) gives."""
    return [getattr(student, name)(*args) for name, args in calls]


@probe
def of_views(student, picture, calls):
    """Return what each call makes of a turned and stepped view, and whether that stayed as it was.

    Beside it what it makes of a plain copy.
    """
    answers = []
    for name, args in calls:
        large = picture.copy()
        view = large.swapaxes(0, 1)[::2]
        plain = getattr(student, name)(view.copy(), *args)
        answers.append([getattr(student, name)(view, *args), plain, large])
    return answers


def drawn(rng, *shape):
    """Return a random array of uint8."""
    return rng.randint(0, 256, shape).numpy().astype(np.uint8)


def blobs(rng, *shape):
    """Return a random black and white picture in which areas of several sizes hang together."""
    noise = torch.from_numpy(rng.rand(*shape).numpy())[None, None]
    smooth = nn.functional.avg_pool2d(noise, 3, 1, 1, count_include_pad=False)[0, 0]
    return np.where(smooth > smooth.median(), 255, 0).astype(np.uint8)


def assert_array(actual, expected, *, atol=0.0, mistakes=()):
    """Demand an array of this dtype and shape, with values at most atol away."""
    if not isinstance(actual, np.ndarray) or actual.dtype != expected.dtype:
        assert_equal(actual, expected)
    mistakes = [Mistake(torch.tensor(value), **texts) for value, texts in mistakes]
    values = torch.from_numpy(np.array(expected))
    assert_tensor(torch.from_numpy(actual), values, rtol=0, atol=atol, mistakes=mistakes)


def planes(picture):
    """Return a picture as a tensor (channels, 1, height, width) of float64."""
    return torch.from_numpy(np.atleast_3d(picture).astype(float)).permute(2, 0, 1)[:, None]


def picture_of(planes_of_it, like):
    """Return what `planes` has taken apart, in the shape and dtype of a picture."""
    values = planes_of_it[:, 0].permute(1, 2, 0).numpy()
    rounded = np.rint(values) if like.dtype == np.uint8 else values
    return rounded.astype(like.dtype).reshape(values.shape[:2] + like.shape[2:])


def filtered(picture, weights):
    """Return the mean of the pixels around each pixel with these weights, mirrored outside."""
    margin = len(weights) // 2
    around = nn.functional.pad(planes(picture), (margin,) * 4, mode="reflect")
    return picture_of(nn.functional.conv2d(around, torch.from_numpy(weights)[None, None]), picture)


def largest(planes_of_it, k, n=1):
    """Return the k x k maximum, taken n times."""
    for _ in range(n):
        planes_of_it = nn.functional.max_pool2d(planes_of_it, k, 1, k // 2)
    return planes_of_it


def smallest(planes_of_it, k, n=1):
    """Return the k x k minimum, taken n times."""
    return -largest(-planes_of_it, k, n)


def quarter_turn(picture):
    """Return the picture turned counter-clockwise by 90 degrees on a canvas of its size."""
    height, width = picture.shape[:2]
    turned, result = np.rot90(picture), np.zeros_like(picture)
    margin = abs(width - height) // 2
    if width > height:
        result[:, margin : margin + height] = turned[margin : margin + height]
    else:
        result[margin : margin + width] = turned[:, margin : margin + width]
    return result


@check(
    points=2,
    zh="对灰度图和彩色图、uint8 和 float32、各种 k，mean_filter 都正确，边缘处也是。",
    hint="Hand k on, each channel on its own; at the border keep OpenCV's default.",
    hint_zh="把 k 传下去，每个通道各算各的；边缘处沿用 OpenCV 的默认方式。",
)
def test_mean_filter_of_random_pictures(submission, rng):
    """mean_filter is right for grey and colour, uint8 and float32, every k, and at the border."""
    floats = rng.randn(8, 13, 3).numpy()
    cases = [(drawn(rng, 9, 14), 3), (drawn(rng, 12, 7, 3), 7), (drawn(rng, 4, 6, 3), 1)]
    for picture, k in [*cases, (floats, 5)]:
        expected = filtered(picture, np.full((k, k), 1 / k**2))
        atol = 1 if picture.dtype == np.uint8 else 1e-5
        assert_array(submission.mean_filter(picture, k), expected, atol=atol)


@check(
    points=2,
    zh="对各种 k 和 sigma，gaussian 的权重都正确，边缘处也是。",
    hint="sigma is the third argument of cv2.GaussianBlur; 0 lets OpenCV choose it by k.",
    hint_zh="sigma 是 cv2.GaussianBlur 的第三个参数；为 0 时由 OpenCV 按 k 选定。",
)
def test_gaussian_of_random_pictures(submission, rng):
    """gaussian has the right weights for every k and sigma, and at the border."""
    cases = [((10, 15), 3, 0), ((9, 8, 3), 7, 0), ((12, 9), 5, 0.6), ((8, 14, 3), 7, 2.5)]
    for size, k, sigma in cases:
        picture = rng.randn(*size).numpy()
        weights = cv2.getGaussianKernel(k, sigma)
        expected = filtered(picture, weights @ weights.T)
        assert_array(submission.gaussian(picture, k, sigma), expected, atol=1e-5)
    picture, weights = drawn(rng, 7, 11, 3), cv2.getGaussianKernel(5, 0)
    assert_array(submission.gaussian(picture, 5), filtered(picture, weights @ weights.T), atol=2)


@check(
    points=2,
    zh="陡的变化是边缘；介于 lo 与 hi 之间的，只有与陡的相连才是；更淡的不是。",
    hint="Hand lo and hi on to cv2.Canny, and do not smooth or threshold yourself.",
    hint_zh="把 lo 和 hi 传给 cv2.Canny，不要自己平滑，也不要自己取阈值。",
)
def test_edges_depend_on_both_thresholds(submission, rng):
    """Steep changes are edges, fainter ones only if they are connected to steep ones."""
    for _ in range(2):
        quarter = rng.integer(9, 30)
        faint, middle, steep = quarter - 4, quarter + 5, 2 * quarter + 9
        lo, hi = 4 * quarter, 8 * quarter  # the change at a step of n is 4 * n for Canny
        steps = np.zeros((16, 40), np.uint8)
        steps[:, 10:] += faint
        steps[:, 20:] += middle
        steps[:, 30:] += steep
        joined = np.zeros((24, 20), np.uint8)
        joined[:12, 9:], joined[12:, 9:] = middle, steep
        apart, together = submission.run(
            results, [("edges", [steps, lo, hi]), ("edges", [joined, lo, hi])]
        )
        for result, shape in ((apart, steps), (together, joined)):
            if not isinstance(result, np.ndarray) or result.shape != shape.shape:
                assert_array(result, shape)
        assert_array(apart[:, :27], np.zeros((16, 27), np.uint8))
        assert_equal(apart[:, 27:33].any(axis=1).all().item(), expected=True)
        assert_array(together[:, :6], np.zeros((24, 6), np.uint8))
        assert_equal(together[:, 6:12].any(axis=1).all().item(), expected=True)


@check(
    points=1,
    zh="亮度相同的两种颜色之间也有边缘。",
    hint="cv2.Canny takes a colour picture as it is; grey has lost what tells the colours apart.",
    hint_zh="cv2.Canny 可以直接接受彩色图；变成灰度之后，颜色的差别就丢了。",
)
def test_edges_between_colours_of_one_brightness(submission, rng):
    """edges finds the line between two colours of the same brightness."""
    # 0.299 * 200 is 59.8; 0.587 * 102 is 59.9.
    picture = np.zeros((14, 20, 3), np.uint8)
    picture[:, :8], picture[:, 8:] = (10, 0, 200), (10, 102, 0)
    result = submission.edges(picture, 100, 200)
    if not isinstance(result, np.ndarray) or result.shape != (14, 20):
        assert_array(result, picture[..., 0])
    assert_equal(result[:, 5:11].any(axis=1).all().item(), expected=True)
    assert_array(result[:, 12:], np.zeros((14, 8), np.uint8))


@check(
    points=2,
    zh="对随机的灰度图和彩色图，erode 与 dilate 取到正确的最小值和最大值，n 次，边缘处也是。",
    hint="The kernel is a square of ones, k x k; the border is OpenCV's own default.",
    hint_zh="核是 k x k 的全 1 正方形；边缘处沿用 OpenCV 的默认方式。",
)
def test_erode_and_dilate_random_pictures(submission, rng):
    """erode and dilate take the right minimum and maximum, n times, and at the border."""
    cases = [((14, 19), 3, 1), ((11, 9, 3), 3, 3), ((17, 12), 5, 2), ((6, 8, 3), 3, 0)]
    cases += [((9, 5), 1, 4)]
    for size, k, n in cases:
        picture = drawn(rng, *size)
        for name, extreme in (("erode", smallest), ("dilate", largest)):
            expected = picture_of(extreme(planes(picture), k, n), picture)
            once = (picture_of(extreme(planes(picture), k), picture), ONCE)
            result = getattr(submission, name)(picture, k, n)
            assert_array(result, expected, mistakes=[once])


@check(
    points=2,
    zh="对随机图像，remove_dots 是先腐蚀后膨胀，fill_holes 是先膨胀后腐蚀，边缘处也是。",
    hint="Opening and closing with a k x k square of ones, each once.",
    hint_zh="用 k x k 的全 1 正方形做开运算和闭运算，各一次。",
)
def test_dots_and_holes_of_every_size(submission, rng):
    """remove_dots opens and fill_holes closes random pictures, grey and black and white."""
    for picture, k in [(drawn(rng, 15, 20), 3), (drawn(rng, 9, 13, 3), 3), (blobs(rng, 24, 31), 5)]:
        opened = picture_of(largest(smallest(planes(picture), k), k), picture)
        closed = picture_of(smallest(largest(planes(picture), k), k), picture)
        assert_array(submission.remove_dots(picture, k), opened, mistakes=[(closed, CLOSED)])
        assert_array(submission.fill_holes(picture, k), closed, mistakes=[(opened, OPENED)])


@check(
    points=2,
    zh="k 为偶数、0 或负数时，所有带 k 的函数都抛出 ValueError。",
    hint="One small function that checks k, called by all six, is enough.",
    hint_zh="写一个检查 k 的小函数，六个函数都调用它就行。",
)
def test_every_kernel_without_a_middle_is_refused(submission, rng):
    """All functions with a k raise ValueError for an even k, for 0 and for negative numbers."""
    picture = drawn(rng, 12, 15)
    for name in ("mean_filter", "gaussian", "remove_dots", "fill_holes", "erode", "dilate"):
        for k in (2, 6, 0, -1, -3):
            args = [picture, k, 1] if name in ("erode", "dilate") else [picture, k]
            with raises(ValueError):
                submission.run(results, [(name, args)])


@check(
    points=2,
    zh="宽或高是奇数时，resize_half 向下取整，数值是线性插值的结果。",
    hint="Work out the size as height // 2 and width // 2; a factor of 0.5 is rounded by OpenCV.",
    hint_zh="尺寸用 height // 2 和 width // 2 来算；给系数 0.5 的话，OpenCV 会自己取整。",
)
def test_resize_half_of_odd_sizes(submission, rng):
    """resize_half rounds odd sizes down and interpolates linearly, in grey and in colour."""
    for size in [(9, 14, 3), (6, 11), (15, 7, 3), (3, 2)]:
        picture = drawn(rng, *size)
        half = (size[0] // 2, size[1] // 2)
        values = nn.functional.interpolate(
            planes(picture), half, mode="bilinear", align_corners=False
        )
        assert_array(submission.resize_half(picture), picture_of(values, picture), atol=1)


@check(
    points=2,
    zh="高和宽为奇数或偶数时，旋转四分之一圈、半圈和一整圈，每个像素都到正确的位置。",
    hint="Pixels are counted from 0: the middle of 12 of them is 5.5, not 6.",
    hint_zh="像素从 0 数起：12 个像素的中点是 5.5，不是 6。",
)
def test_rotate_by_quarters(submission, rng):
    """rotate puts every pixel in its place by quarters of a turn, for odd and for even sizes."""
    for size in [(13, 19, 3), (12, 18), (20, 8, 3), (15, 9)]:
        picture = drawn(rng, *size)
        turned = submission.run(
            results, [("rotate", [picture, angle]) for angle in (90, -90, 180, 360)]
        )
        back = quarter_turn(picture[::-1, ::-1])
        clockwise = (back, CLOCKWISE)
        assert_array(turned[0], quarter_turn(picture), atol=1, mistakes=[clockwise])
        assert_array(turned[1], back, atol=1)
        assert_array(turned[2], picture[::-1, ::-1], atol=1)
        assert_array(turned[3], picture, atol=1)


@check(
    points=2,
    zh="旋转任意角度并缩放时，一个亮斑落在正确的位置，误差不超过 0.1 个像素。",
    hint="angle in degrees and scale go to cv2.getRotationMatrix2D as they are.",
    hint_zh="angle 以度为单位，和 scale 一起原样传给 cv2.getRotationMatrix2D。",
)
def test_rotate_by_any_angle_and_scale(submission, rng):
    """A bright spot lands within 0.1 pixels of its place by any angle and scale."""
    for size, sign in [((64, 77), 1), ((71, 60), -1), ((66, 70), 1)]:
        centre = np.array([(size[1] - 1) / 2, (size[0] - 1) / 2])
        middle = np.floor(centre) + np.array([rng.integer(6, 11), -rng.integer(3, 9)])
        rows, columns = np.indices(size)
        distances = (columns - middle[0]) ** 2 + (rows - middle[1]) ** 2
        picture = np.rint(240 * np.exp(-distances / 12)).astype(np.uint8)
        angle, scale = sign * rng.integer(40, 141), rng.integer(6, 13) / 10
        dx, dy = scale * (middle - centre)
        cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        expected = centre + np.array([cos * dx + sin * dy, cos * dy - sin * dx])
        result = submission.rotate(picture, angle, scale)
        if not isinstance(result, np.ndarray) or result.shape != size:
            assert_array(result, picture)
        light = result.astype(float)
        found = [(light * columns).sum(), (light * rows).sum()] / max(light.sum(), 1)
        assert_close(found.tolist(), expected.tolist(), rtol=0, atol=0.1)


@check(
    points=1,
    zh="所有函数都接受视图，并且不改动原图。",
    hint="Let OpenCV make a new array: no dst=, no assignment to img[...].",
    hint_zh="让 OpenCV 自己产生新数组：不要用 dst=，也不要给 img[...] 赋值。",
)
def test_pictures_stay_as_they_are(submission, rng):
    """Every function takes views and leaves the picture as it is."""
    picture = drawn(rng, 13, 18, 3)
    calls = [("mean_filter", [3]), ("gaussian", [5, 1.5]), ("edges", [90, 180])]
    calls += [("erode", [3, 2]), ("dilate", [3, 2]), ("remove_dots", [3]), ("fill_holes", [3])]
    calls += [("resize_half", []), ("rotate", [25, 0.9])]
    for of_view, of_copy, afterwards in submission.run(of_views, picture, calls):
        assert_array(afterwards, picture)
        if not isinstance(of_copy, np.ndarray):
            assert_array(of_copy, picture)
        assert_array(of_view, of_copy, atol=1)
