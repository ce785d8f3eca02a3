"""Public checks of ex35_opencv_processing: single pixels, white squares, and a small flag."""

import numpy as np
import torch

from grader.checks import Mistake, assert_equal, assert_tensor, check, raises


def square(height, width, rows, columns):
    """Return a black picture with a white rectangle in it."""
    picture = np.zeros((height, width), np.uint8)
    picture[rows[0] : rows[1], columns[0] : columns[1]] = 255
    return picture


def assert_array(actual, expected, *, atol=0.0, mistakes=()):
    """Demand an array of this dtype and shape, with values at most atol away."""
    if not isinstance(actual, np.ndarray) or actual.dtype != expected.dtype:
        assert_equal(actual, expected)
    mistakes = [Mistake(torch.tensor(value), **texts) for value, texts in mistakes]
    values = torch.from_numpy(np.array(expected))
    assert_tensor(torch.from_numpy(actual), values, rtol=0, atol=atol, mistakes=mistakes)


@check(
    points=1,
    zh="k = 5 时，mean_filter 把一个 250 的像素变成 25 个 10；单一颜色的图像不变。",
    hint="All 25 pixels of the window count alike, and their sum is divided by 25.",
    hint_zh="窗口里的 25 个像素权重相同，总和除以 25。",
)
def test_mean_filter_of_one_bright_pixel(submission):
    """With k = 5 mean_filter makes 25 times 10 of one pixel of 250; a plain picture stays."""
    picture, expected = np.zeros((9, 12), np.uint8), np.zeros((9, 12), np.uint8)
    picture[4, 7] = 250
    expected[2:7, 5:10] = 10
    weights = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
    weighted = np.zeros((9, 12), np.uint8)
    weighted[2:7, 5:10] = np.rint(250 * weights)
    texts = {"en": "These are the weights of a Gaussian.", "zh": "这是高斯的权重。"}
    result = submission.mean_filter(picture, 5)
    assert_array(result, expected, mistakes=[(weighted, texts)])
    plain = np.full((6, 8, 3), (20, 90, 170), np.uint8)
    assert_array(submission.mean_filter(plain, 3), plain)


@check(
    points=1,
    zh="k = 5 时，gaussian 把一个 1 的像素变成 1 4 6 4 1（横竖两个方向，各除以 16），总和仍是 1。",
    hint="cv2.GaussianBlur with the size (k, k) and sigma as it is given, 0 included.",
    hint_zh="用 cv2.GaussianBlur，大小是 (k, k)，sigma 原样传入，0 也一样。",
)
def test_gaussian_of_one_bright_pixel(submission):
    """With k = 5 gaussian makes 1 4 6 4 1, over 16 in each direction, of a pixel of 1."""
    picture, expected = np.zeros((9, 12), np.float32), np.zeros((9, 12), np.float32)
    picture[4, 7] = 1
    weights = np.array([1, 4, 6, 4, 1], np.float32) / 16
    expected[2:7, 5:10] = np.outer(weights, weights)
    plain = np.where(expected > 0, np.float32(0.04), np.float32(0))
    texts = {
        "en": "All weights are the same: this is a plain mean.",
        "zh": "权重全都相同：这是普通的均值。",
    }
    result = submission.gaussian(picture, 5)
    assert_array(result, expected, atol=1e-6, mistakes=[(plain, texts)])


@check(
    points=1,
    zh="k 为偶数时，mean_filter 和 gaussian 抛出 ValueError。",
    hint="Look at k first and `raise ValueError(...)` yourself; k % 2 tells odd from even.",
    hint_zh="先看 k，不合适就自己 `raise ValueError(...)`；k % 2 可以分辨奇偶。",
)
def test_filters_refuse_an_even_kernel(submission):
    """mean_filter and gaussian raise ValueError for an even k."""
    picture = square(9, 12, (2, 5), (3, 9))
    with raises(ValueError):
        submission.gaussian(picture, 4)
    with raises(ValueError):
        submission.mean_filter(picture, 4)


@check(
    points=1,
    zh="edges 找到白色矩形的四条边，里面和外面什么也没有；结果只有 0 和 255。",
    hint="The answer of cv2.Canny already has one channel and only 0 and 255: return it as it is.",
    hint_zh="cv2.Canny 的结果本来就是单通道、只有 0 和 255，原样返回即可。",
)
def test_edges_of_a_white_rectangle(submission):
    """edges finds the four sides of a white rectangle and nothing else, with 0 and 255 only."""
    result = submission.edges(square(20, 24, (5, 14), (6, 18)), 100, 200)
    outside = square(20, 24, (0, 20), (0, 24))
    outside[3:16, 4:20] = 0
    if not isinstance(result, np.ndarray) or result.shape != outside.shape:
        assert_array(result, outside)
    assert_equal(sorted(set(result.reshape(-1).tolist())), [0, 255])
    assert_array(np.where(outside, result, 0), np.zeros((20, 24), np.uint8))
    assert_array(result[7:12, 8:16], np.zeros((5, 8), np.uint8))
    sides = [result[7:12, 4:8], result[7:12, 16:20], result[3:7, 8:16].T, result[12:16, 8:16].T]
    for side, name in zip(sides, ("left", "right", "upper", "lower"), strict=True):
        assert side.any(axis=1).all(), f"the {name} side of the rectangle has gaps"


@check(
    points=1,
    zh="5 x 5 的白色正方形，腐蚀一次剩 9 个像素，两次剩 1 个；膨胀一次是 49 个，两次是 81 个。",
    hint="n says how often: iterations=n. A white rim of one pixel goes or comes each time.",
    hint_zh="n 是次数：iterations=n。每次减少或增加一圈白色像素。",
)
def test_erode_and_dilate_a_white_square(submission):
    """A white square of 5 x 5 is eroded to 9 pixels and to 1, and dilated to 49 and to 81."""
    picture = square(15, 18, (5, 10), (6, 11))
    assert_array(submission.erode(picture, 3, 1), square(15, 18, (6, 9), (7, 10)))
    assert_array(submission.erode(picture, 3, 2), square(15, 18, (7, 8), (8, 9)))
    assert_array(submission.dilate(picture, 3, 1), square(15, 18, (4, 11), (5, 12)))
    assert_array(submission.dilate(picture, 3, 2), square(15, 18, (3, 12), (4, 13)))


@check(
    points=1,
    zh="remove_dots 去掉白点，白色矩形和它里面的黑洞保持不变。",
    hint="What erosion has removed altogether, dilation cannot bring back.",
    hint_zh="被腐蚀完全去掉的东西，膨胀也变不回来。",
)
def test_remove_dots_of_one_pixel(submission):
    """remove_dots removes a white dot and keeps a white rectangle, and the hole in it."""
    clean = square(16, 22, (3, 14), (4, 15))
    clean[8, 9] = 0
    dotted = clean.copy()
    dotted[1, 1] = dotted[6, 19] = 255
    assert_array(submission.remove_dots(dotted, 3), clean)


@check(
    points=1,
    zh="fill_holes 填上黑洞，白色矩形和外面的白点保持不变。",
    hint="Dilation closes the hole; erosion then gives everything else its old size back.",
    hint_zh="膨胀把洞补上，腐蚀再让其余部分恢复原来的大小。",
)
def test_fill_holes_of_one_pixel(submission):
    """fill_holes fills a dark hole and keeps the white rectangle, and a dot outside."""
    whole = square(16, 22, (3, 14), (4, 15))
    whole[6, 19] = 255
    holed = whole.copy()
    holed[8, 9] = holed[5, 12] = 0
    assert_array(submission.fill_holes(holed, 3), whole)


@check(
    points=1,
    zh="resize_half 把 (4, 6, 3) 变成 (2, 3, 3)，每个像素是原来 2 x 2 个像素的平均。",
    hint="cv2.resize wants (width, height), and img.shape begins with the height.",
    hint_zh="cv2.resize 要的是 (宽, 高)，而 img.shape 从高开始。",
)
def test_resize_half_of_4_by_6(submission):
    """resize_half makes (2, 3, 3) of (4, 6, 3); each pixel is the mean of four."""
    picture = np.arange(72, dtype=np.uint8).reshape(4, 6, 3) * 3
    expected = picture.reshape(2, 2, 3, 2, 3).mean(axis=(1, 3)).astype(np.uint8)
    assert_array(submission.resize_half(picture), expected, atol=1)


@check(
    points=1,
    zh="逆时针旋转 90 度，中心右边的像素转到中心上方；画布仍是 9 x 13。角度为 0 时图像不变。",
    hint="The centre is (x, y) and the canvas (width, height); only the shape begins with height.",
    hint_zh="中心是 (x, y)，画布是 (宽, 高)；只有 shape 是从高开始的。",
)
def test_rotate_moves_a_pixel_from_right_to_top(submission):
    """By 90 degrees, a pixel to the right of the centre moves above it; by 0 nothing moves."""
    picture, expected = np.zeros((9, 13), np.uint8), np.zeros((9, 13), np.uint8)
    picture[4, 9] = 200  # the centre is row 4, column 6
    expected[1, 6] = 200
    below = np.zeros((9, 13), np.uint8)
    below[7, 6] = 200
    texts = {"en": "It was turned clockwise.", "zh": "转成顺时针了。"}
    assert_array(submission.rotate(picture, 90), expected, atol=1, mistakes=[(below, texts)])
    picture[1, 2] = 90
    assert_array(submission.rotate(picture, 0), picture)
