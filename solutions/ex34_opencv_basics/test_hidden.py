"""Hidden checks of ex34_opencv_basics: what a lucky or a typed-in answer does not pass."""

import io
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe, raises

SWAPPED = {
    "en": "Red and blue are in each other's place.",
    "zh": "红和蓝的位置互换了。",
}

SHARED = {
    "en": "The result changed together with img: the two share their memory.",
    "zh": "结果跟着原图一起变了：两者共用内存。",
}
EMPTY = {
    "en": "Nothing was found: no number is at least lo and at most hi when lo > hi.",
    "zh": "什么也没选中：lo > hi 时，没有哪个数既不小于 lo 又不大于 hi。",
}
GRAY_IS_RED = {
    "en": "Black, grey and white were taken for red.",
    "zh": "把黑、灰、白当成了红色。",
}


@probe
def read_files(student, contents):
    """Write files with these contents, and return what safe_imread makes of each."""
    pictures = []
    for number, content in enumerate(contents):
        path = Path(f"{number}.png")
        path.write_bytes(content)
        pictures.append(student.safe_imread(path if number % 2 else str(path)))
    return pictures


@probe
def write_into(student, folder, picture):
    """Let safe_imwrite write into a folder."""
    student.safe_imwrite(f"{folder}/picture.png", picture)


@probe
def paint(student, picture, x, y, bgr, settings):
    """Return the array that was given and the one that came back, after both were done with."""
    result = student.set_pixel(picture, x, y, bgr, **settings)
    given, returned = picture.copy(), result.copy()
    picture[:] = 7
    return given, returned, result.copy()


@probe
def convert_then_overwrite(student, picture):
    """Return bgr_to_rgb of a picture that is overwritten afterwards, and how the result lies."""
    before = picture.copy()
    result = student.bgr_to_rgb(picture)
    untouched = (picture == before).all().item()
    picture[:] = 9
    return result.copy(), untouched, result.flags.c_contiguous


@probe
def of_views(student, name, picture, args):
    """Return what a function makes of a turned, stepped and mirrored view of a picture."""
    return getattr(student, name)(picture.transpose(1, 0, 2)[::2, ::-1], *args)


@probe
def show_without_windows(student, picture, kind):
    """Return what show_or_skip answers where nothing can be shown, and how often it waited."""
    waits = []

    def refuse(*_, **__):
        raise (cv2.error("no windows here") if kind == "headless" else TypeError("no picture"))

    def wait(*_, **__):
        waits.append("waitKey")
        raise cv2.error("no windows here")

    # Without a third argument, show_or_skip asks the module itself.
    cv2.imshow, cv2.waitKey, cv2.destroyAllWindows = refuse, wait, refuse
    return student.show_or_skip("window", picture), len(waits)


def drawn(rng, *shape):
    """Return a random array of uint8."""
    return rng.randint(0, 256, shape).numpy().astype(np.uint8)


def png(pixels):
    """Return the bytes of a PNG file with these pixels, in RGB."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def assert_array(actual, expected, *, atol=0, mistakes=()):
    """Demand an array of this dtype and shape, with values at most atol away."""
    if not isinstance(actual, np.ndarray) or actual.dtype != expected.dtype:
        assert_equal(actual, expected)
    mistakes = [Mistake(torch.tensor(value), **texts) for value, texts in mistakes]
    values = torch.from_numpy(np.array(expected))
    assert_tensor(torch.from_numpy(actual), values, rtol=0, atol=atol, mistakes=mistakes)


def hues(pixels):
    """Return the exact hue in 0 to 180 of BGR pixels (..., 3); NaN where there is none."""
    blue, green, red = np.moveaxis(pixels.astype(float), -1, 0)
    top, chroma = pixels.max(-1), np.ptp(pixels.astype(float), axis=-1)
    with np.errstate(invalid="ignore"):
        sixths = np.select(
            [chroma == 0, top == red, top == green],
            [np.nan, (green - blue) / chroma % 6, (blue - red) / chroma + 2],
            (red - green) / chroma + 4,
        )
    return sixths * 30


def circle_distance(hue, other):
    """Return how far hues lie apart on a circle of 180."""
    return np.abs((hue - other + 90) % 180 - 90)


def coloured(rng, height, width, lo, hi):
    """Return a picture whose hues lie clear of lo and hi, and its mask."""
    pixels = drawn(rng, 3 * height * width, 3)
    hue = hues(pixels)
    clear = (circle_distance(hue, lo) > 2) & (circle_distance(hue, hi) > 2)  # False for NaN
    pixels = pixels[clear][: height * width].reshape(height, width, 3)
    hue = hues(pixels)
    inside = (hue > lo) & (hue < hi) if lo <= hi else (hue > lo) | (hue < hi)
    return pixels, np.where(inside, 255, 0).astype(np.uint8)


@check(
    points=1,
    zh="灰度文件和带 alpha 通道的文件，safe_imread 读出来也都是三个通道。",
    hint="cv2.imread gives three channels if you set no flag.",
    hint_zh="不另外设置标志时，cv2.imread 给出的总是三个通道。",
)
def test_every_file_reads_with_three_channels(submission, rng):
    """safe_imread gives three channels for grey files and for files with an alpha channel too."""
    gray, alpha, colour = drawn(rng, 5, 4), drawn(rng, 3, 8, 4), drawn(rng, 6, 2, 3)
    contents = [png(pixels) for pixels in (gray, alpha, colour)]
    pictures = submission.run(read_files, contents)
    assert_array(pictures[0], np.stack([gray] * 3, axis=-1))
    assert_array(pictures[1], alpha[..., 2::-1], mistakes=[(alpha[..., :3], SWAPPED)])
    assert_array(pictures[2], colour[..., ::-1], mistakes=[(colour, SWAPPED)])


@check(
    points=2,
    zh="文件不是图像时，safe_imread 抛出 ValueError；没有文件时抛出 FileNotFoundError。",
    hint="cv2.imread has one answer for all that goes wrong, None: never return it unseen.",
    hint_zh="不管出了什么错，cv2.imread 都只有一个回答：None。返回之前一定要看一眼。",
)
def test_files_that_are_no_pictures_are_refused(submission, rng):
    """safe_imread raises ValueError for a file that is no picture, FileNotFoundError for none."""
    for content in (b"a text, whatever its name says", b"", rng.randn(50).numpy().tobytes()):
        with raises(ValueError):
            submission.run(read_files, [content])
    with raises(FileNotFoundError):
        submission.safe_imread("no/such/folder/picture.png")


@check(
    points=2,
    zh="文件夹不存在时，safe_imwrite 抛出 OSError。",
    hint="cv2.imwrite tells by its answer, True or False, whether the file was written.",
    hint_zh="文件写没写成，cv2.imwrite 用返回值 True 或 False 来说明。",
)
def test_writing_into_a_missing_folder_is_refused(submission, rng):
    """safe_imwrite raises OSError when the folder does not exist."""
    with raises(OSError):
        submission.run(write_into, "no/such/folder", drawn(rng, 3, 4, 3))


@check(
    points=2,
    zh="copy=True 时原图不变，返回的是独立的副本；否则改的就是原图，返回的也是它。",
    hint="Only with copy=True is img.copy() needed; otherwise change img and return img.",
    hint_zh="只有 copy=True 时才需要 img.copy()；否则直接改 img，再返回 img。",
)
def test_set_pixel_changes_the_array_that_is_meant(submission, rng):
    """With copy=True img stays as it is; otherwise img itself is changed and returned."""
    cases = [((3, 8, 3), 7, 0), ((9, 2, 3), 0, 8), ((1, 1, 3), 0, 0), ((5, 6, 3), 4, 2)]
    for size, x, y in cases:
        picture = drawn(rng, *size)
        colour = [(value + 90) % 256 for value in picture[y, x].tolist()]
        expected = picture.copy()
        expected[y, x] = colour
        seven = np.full(size, 7, np.uint8)
        results = submission.run(paint, picture, x, y, tuple(colour), {})
        for result, wanted in zip(results, (expected, expected, seven), strict=True):
            assert_array(result, wanted)
        results = submission.run(paint, picture, x, y, tuple(colour), {"copy": True})
        for result, wanted in zip(results, (picture, expected, expected), strict=True):
            assert_array(result, wanted)


@check(
    points=2,
    zh="x 或 y 在图像之外时，set_pixel 抛出 IndexError，负数也一样。",
    hint="numpy counts negative numbers from the end; compare with 0 and with both sizes yourself.",
    hint_zh="numpy 会把负数当成从末尾数起；要自己与 0 以及两个方向的尺寸比较。",
)
def test_set_pixel_refuses_places_outside(submission, rng):
    """set_pixel raises IndexError for every place outside the picture, negative ones included."""
    for size, outside in [((3, 6, 3), [(6, 0), (0, 3), (-1, 1), (4, -2)]), ((7, 2, 3), [(2, 5)])]:
        for x, y in outside:
            with raises(IndexError):
                submission.set_pixel(drawn(rng, *size), x, y, (1, 2, 3))


@check(
    points=2,
    zh="bgr_to_rgb 返回内存连续、dtype 相同的新数组：之后再改原图，结果不受影响；原图也保持不变。",
    hint="img[..., ::-1] is only another view of img's memory; torch.from_numpy refuses it, too.",
    hint_zh="img[..., ::-1] 只是原图内存的另一个视图，torch.from_numpy 也不接受它。",
)
def test_bgr_to_rgb_makes_a_new_array(submission, rng):
    """bgr_to_rgb returns a new contiguous array of the same dtype, for every picture and view."""
    for picture in [drawn(rng, 4, 7, 3), drawn(rng, 1, 1, 3), rng.randn(3, 5, 3).numpy()]:
        result, untouched, contiguous = submission.run(convert_then_overwrite, picture)
        assert_equal(untouched, expected=True)
        nines = (np.full_like(picture, 9), SHARED)
        same = (picture, {"en": "This is still BGR.", "zh": "这仍然是 BGR。"})
        assert_array(result, picture[..., ::-1], mistakes=[nines, same])
        assert contiguous, "the result of bgr_to_rgb is not contiguous in memory"
    picture = drawn(rng, 6, 9, 3)
    expected = picture.transpose(1, 0, 2)[::2, ::-1, ::-1]
    assert_array(submission.run(of_views, "bgr_to_rgb", picture, []), expected)


@check(
    points=2,
    zh="对任意大小的随机图像和视图，to_gray 与公式相差不超过 1。",
    hint="Weights of blue, green, red: 0.114, 0.587, 0.299. Numbers of uint8 overflow in a sum.",
    hint_zh="蓝、绿、红的权重是 0.114、0.587、0.299。uint8 的数相加会溢出。",
)
def test_gray_is_the_weighted_sum(submission, rng):
    """to_gray is within 1 of the formula on random pictures of every size, and on views."""
    weights = np.array([0.114, 0.587, 0.299])
    for size in [(13, 21, 3), (1, 1, 3), (1, 30, 3), (17, 1, 3)]:
        picture = drawn(rng, *size)
        picture[0, 0] = 255  # the largest sum
        expected = np.rint(picture @ weights).astype(np.uint8)
        of_rgb = np.rint(picture @ weights[::-1]).astype(np.uint8)
        texts = {"en": "BGR was taken for RGB.", "zh": "把 BGR 当成了 RGB。"}
        assert_array(submission.to_gray(picture), expected, atol=1, mistakes=[(of_rgb, texts)])
    picture = drawn(rng, 6, 9, 3)
    expected = np.rint(picture @ weights).astype(np.uint8).T[::2, ::-1]
    assert_array(submission.run(of_views, "to_gray", picture, []), expected, atol=1)


@check(
    points=1,
    zh="对随机图像和视图，hue_mask 选中色相在范围内的像素，两端也算在内。",
    hint="OpenCV's hue of uint8 is half the angle: 0 to 179. Both ends belong to the range.",
    hint_zh="uint8 的色相是角度的一半：0 到 179。范围的两端都算在内。",
)
def test_hue_mask_keeps_the_hues_of_the_range(submission, rng):
    """hue_mask finds the hues of a range on random pictures and views, both ends included."""
    for size in [(12, 17), (1, 1), (3, 40)]:
        lo = rng.integer(0, 100)
        hi = lo + rng.integer(20, 80)
        picture, expected = coloured(rng, *size, lo, hi)
        assert_array(submission.hue_mask(picture, lo, hi), expected)
    picture, expected = coloured(rng, 6, 9, 25, 95)
    result = submission.run(of_views, "hue_mask", picture, [25, 95])
    assert_array(result, expected.T[::2, ::-1])
    ends = np.array([[(0, 180, 180), (0, 90, 0), (210, 210, 0)]], np.uint8)  # hues 30, 60, 90
    assert_array(submission.hue_mask(ends, 30, 60), np.array([[255, 255, 0]], np.uint8))
    assert_array(submission.hue_mask(ends, 60, 90), np.array([[0, 255, 255]], np.uint8))
    assert_array(submission.hue_mask(ends, 60, 60), np.array([[0, 255, 0]], np.uint8))


@check(
    points=2,
    zh="lo > hi 时，hue_mask 绕过色相环的端点，把两端的红色都选中。",
    hint="With lo > hi a hue belongs to the mask when it is at least lo or at most hi.",
    hint_zh="lo > hi 时，色相不小于 lo，或者不大于 hi，就算选中。",
)
def test_hue_mask_joins_both_ends_of_the_circle(submission, rng):
    """With lo > hi, hue_mask goes around the end of the circle and finds the reds at both ends."""
    for _ in range(3):
        lo, hi = rng.integer(130, 178), rng.integer(2, 50)
        picture, expected = coloured(rng, 9, 14, lo, hi)
        empty = (np.zeros_like(expected), EMPTY)
        assert_array(submission.hue_mask(picture, lo, hi), expected, mistakes=[empty])
    reds = np.array([[(0, 0, 80), (50, 0, 255), (0, 50, 255), (255, 255, 0)]], np.uint8)
    assert_array(submission.hue_mask(reds, 170, 10), np.array([[255, 255, 255, 0]], np.uint8))
    assert_array(submission.hue_mask(reds, 179, 0), np.array([[255, 0, 0, 0]], np.uint8))


@check(
    points=2,
    zh="黑、灰、白没有色相，不属于任何掩码，红色的掩码也不例外。",
    hint="OpenCV gives them the hue 0, like red. What tells them apart is the saturation.",
    hint_zh="OpenCV 给它们的色相是 0，和红色一样。能区分它们的是饱和度。",
)
def test_hue_mask_leaves_out_what_has_no_hue(submission, rng):
    """Black, grey and white have no hue and belong to no mask, not even to that of red."""
    picture = np.repeat(drawn(rng, 4, 6, 1), 3, axis=2)
    picture[0, :2] = [(0, 0, 0), (255, 255, 255)]
    picture[2, 3] = (0, 0, 77)
    red, nothing = np.zeros((4, 6), np.uint8), np.zeros((4, 6), np.uint8)
    red[2, 3] = 255
    everything = (np.full_like(red, 255), GRAY_IS_RED)
    assert_array(submission.hue_mask(picture, 0, 10), red, mistakes=[everything])
    assert_array(submission.hue_mask(picture, 160, 20), red)
    assert_array(submission.hue_mask(picture, 1, 179), nothing)
    pale = np.array([[(254, 255, 255), (255, 255, 255)]], np.uint8)  # the palest yellow, and white
    assert_array(submission.hue_mask(pale, 25, 35), np.array([[255, 0]], np.uint8))


@check(
    points=1,
    zh="lo 或 hi 不在 0 到 179 之内时，hue_mask 抛出 ValueError。",
    hint="Check both numbers, each against 0 and against 179.",
    hint_zh="两个数都要检查，既要与 0 比，也要与 179 比。",
)
def test_hue_mask_refuses_hues_that_do_not_exist(submission, rng):
    """hue_mask raises ValueError when lo or hi is not one of 0 to 179."""
    picture = drawn(rng, 3, 4, 3)
    for lo, hi in [(-1, 20), (20, -3), (180, 20), (100, 180), (90, 255)]:
        with raises(ValueError):
            submission.hue_mask(picture, lo, hi)
    submission.hue_mask(picture, 0, 179)


@check(
    points=2,
    zh="没有窗口功能时，show_or_skip 返回 False，也不等待按键；其他异常照样抛出。",
    hint="Put imshow into a try, and catch cv2.error alone; waiting makes sense only afterwards.",
    hint_zh="把 imshow 放进 try，只接住 cv2.error；窗口出来以后，等待才有意义。",
)
def test_show_or_skip_without_windows(submission, rng):
    """Without windows show_or_skip returns False and waits for no key; other errors go on."""
    picture = drawn(rng, 3, 4, 3)
    answer, waits = submission.run(show_without_windows, picture, "headless")
    assert_equal(answer, expected=False)
    assert_equal(waits, 0)
    with raises(TypeError):
        submission.run(show_without_windows, picture, "a mistake")
