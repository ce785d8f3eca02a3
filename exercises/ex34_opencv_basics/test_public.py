"""Public checks of ex34_opencv_basics: red, green, blue, and one pixel of a wide picture."""

import io
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import torch
from PIL import Image

from grader.checks import (
    Mistake,
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
    read_picture,
)

SWAPPED = {
    "en": "Red and blue are in each other's place.",
    "zh": "红和蓝的位置互换了。",
}


@probe
def read_file(student, content):
    """Write a file with this content, and return what safe_imread makes of it."""
    Path("picture.png").write_bytes(content)
    return student.safe_imread("picture.png")


@probe
def write_file(student, name, picture):
    """Return the bytes of the file that safe_imwrite makes."""
    student.safe_imwrite(Path(name), picture)
    return Path(name).read_bytes()


@probe
def show(student, name, picture):
    """Return what show_or_skip answers, the calls that a stand-in for cv2 got, and the pictures."""
    calls, pictures = [], []

    def imshow(winname, mat):
        calls.append(f"imshow({winname!r}, img)")
        pictures.append(mat)

    stand_in = SimpleNamespace(
        imshow=imshow,
        waitKey=lambda delay=0: calls.append(f"waitKey({delay})"),
        destroyAllWindows=lambda: calls.append("destroyAllWindows()"),
        error=cv2.error,
    )
    return student.show_or_skip(name, picture, cv=stand_in), calls, pictures


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


@check(
    points=1,
    zh="红色的文件读出来是 (0, 0, 255)：顺序是蓝、绿、红。",
    hint="Return what cv2.imread gives, as it is: BGR is the order that this exercise wants.",
    hint_zh="cv2.imread 读到什么就返回什么：这个练习要的就是 BGR。",
)
def test_a_red_file_reads_as_0_0_255(submission, rng):
    """The pixels of a red file are (0, 0, 255): blue, green, red."""
    pixels = np.full((3, 5, 3), (255, 0, 0), np.uint8)
    pixels[1, 3] = (40, 160, 90)
    expected = pixels[..., ::-1].copy()
    assert_array(submission.run(read_file, png(pixels)), expected, mistakes=[(pixels, SWAPPED)])


@check(
    points=1,
    zh="文件不存在时，safe_imread 抛出 FileNotFoundError，而不是返回 None。",
    hint="cv2.imread raises nothing: ask Path(path).is_file() before you read.",
    hint_zh="cv2.imread 不会抛出异常：读之前先问 Path(path).is_file()。",
)
def test_a_missing_file_is_refused(submission):
    """safe_imread raises FileNotFoundError for a missing file instead of returning None."""
    with raises(FileNotFoundError):
        submission.safe_imread("nowhere.png")


@check(
    points=1,
    zh="safe_imwrite 写出的 PNG 和 JPEG 文件，别的程序打开后颜色正确。",
    hint="cv2.imwrite expects BGR, which is what you have: nothing is to be converted.",
    hint_zh="cv2.imwrite 要的是 BGR，而手里的正是 BGR：不需要任何转换。",
)
def test_a_written_file_has_the_right_colours(submission, rng):
    """PNG and JPEG files of safe_imwrite show the right colours in other programs."""
    picture = drawn(rng, 4, 7, 3)
    picture[0, 0] = (0, 0, 255)
    swapped = Mistake(torch.tensor(picture), **SWAPPED)
    written = read_picture(submission.run(write_file, "written.png", picture))
    assert_tensor(written, torch.from_numpy(picture[..., ::-1].copy()), mistakes=[swapped])
    content = submission.run(write_file, "plain.jpg", np.full((8, 16, 3), (20, 60, 230), np.uint8))
    expected = torch.tensor([230, 60, 20], dtype=torch.uint8).expand(8, 16, 3)
    assert_tensor(read_picture(content), expected, rtol=0, atol=5)
    assert_equal(content[:2], b"\xff\xd8")  # so begins every JPEG


@check(
    points=1,
    zh="set_pixel(img, 5, 1, (255, 0, 0)) 只把第 1 行第 5 列变成蓝色。",
    hint="x says how far to the right, so it is the column; an array wants the row first.",
    hint_zh="x 表示往右多远，也就是列；数组的下标先写行。",
)
def test_set_pixel_paints_row_1_column_5(submission, rng):
    """set_pixel(img, 5, 1, (255, 0, 0)) makes row 1, column 5 blue and changes nothing else."""
    picture = drawn(rng, 4, 7, 3)
    expected = picture.copy()
    expected[1, 5] = (255, 0, 0)
    assert_array(submission.set_pixel(picture, 5, 1, (255, 0, 0)), expected)


@check(
    points=1,
    zh="bgr_to_rgb 把 (0, 0, 255) 变成 (255, 0, 0)，每个像素都如此。",
    hint="The last axis is turned around; rows and columns stay where they are.",
    hint_zh="颠倒的是最后一个轴；行和列都不动。",
)
def test_bgr_to_rgb_of_red(submission, rng):
    """bgr_to_rgb makes (255, 0, 0) of (0, 0, 255), and so for every pixel."""
    picture = drawn(rng, 3, 6, 3)
    picture[2, 1] = (0, 0, 255)
    expected = picture[..., ::-1].copy()
    same = (picture, {"en": "This is still BGR.", "zh": "这仍然是 BGR。"})
    assert_array(submission.bgr_to_rgb(picture), expected, mistakes=[same])


@check(
    points=1,
    zh="像素 (10, 20, 200) 的灰度是 73；结果的形状是 (height, width)。",
    hint="The weight 0.299 belongs to red, and red is the last of the three.",
    hint_zh="权重 0.299 属于红色，而红色是三个数里的最后一个。",
)
def test_gray_of_10_20_200_is_73(submission):
    """The pixel (10, 20, 200) has the brightness 73, and the result is (height, width)."""
    picture = np.full((2, 3, 3), (10, 20, 200), np.uint8)
    of_rgb = (
        np.full((2, 3), 38, np.uint8),
        {"en": "BGR was taken for RGB.", "zh": "把 BGR 当成了 RGB。"},
    )
    expected = np.full((2, 3), 73, np.uint8)
    assert_array(submission.to_gray(picture), expected, atol=1, mistakes=[of_rgb])


@check(
    points=1,
    zh="红、绿、蓝三色的图像里，色相 50 到 70 只选中绿色，110 到 130 只选中蓝色。",
    hint="H is channel 0 after cv2.COLOR_BGR2HSV; green is 60 there, not 120.",
    hint_zh="cv2.COLOR_BGR2HSV 之后，H 是第 0 个通道；绿色在那里是 60，而不是 120。",
)
def test_hue_mask_of_green_and_of_blue(submission):
    """Of a flag in red, green and blue, the hues 50 to 70 are green and 110 to 130 are blue."""
    flag = np.zeros((3, 6, 3), np.uint8)
    flag[:, :1], flag[:, 1:3], flag[:, 3:] = (0, 0, 200), (0, 200, 0), (200, 0, 0)
    red, green, blue = (np.where(flag[..., channel], 255, 0) for channel in (2, 1, 0))
    found_red = (red, {"en": "Red was found for blue.", "zh": "要找蓝色，找到的却是红色。"})
    assert_array(submission.hue_mask(flag, 50, 70), green.astype(np.uint8))
    result = submission.hue_mask(flag, 110, 130)
    assert_array(result, blue.astype(np.uint8), mistakes=[found_red])


@check(
    points=1,
    zh="show_or_skip 依次调用 imshow、waitKey(0)、destroyAllWindows，然后返回 True。",
    hint="Three calls on cv, not on cv2. waitKey(1) waits one millisecond, waitKey(0) for a key.",
    hint_zh="三次调用都用 cv，不要用 cv2。waitKey(1) 只等一毫秒，waitKey(0) 才是等按键。",
)
def test_show_or_skip_shows_waits_and_closes(submission, rng):
    """show_or_skip calls imshow, waitKey(0), destroyAllWindows in this order and returns True."""
    picture = drawn(rng, 2, 5, 3)
    answer, calls, pictures = submission.run(show, "a picture", picture)
    assert_equal(calls, ["imshow('a picture', img)", "waitKey(0)", "destroyAllWindows()"])
    assert_equal(pictures, [picture])
    assert_equal(answer, expected=True)
