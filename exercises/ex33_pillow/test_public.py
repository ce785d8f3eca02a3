"""Public checks of ex33_pillow: pictures of a few pixels that can be followed by hand."""

import io
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageShow

from grader.checks import assert_equal, check, probe, raises, read_picture


@probe
def array_of(student, pixels):
    """Return to_array of the picture with these pixels."""
    return student.to_array(Image.fromarray(pixels))


@probe
def image_of(student, pixels):
    """Return mode, size and pixels of to_image."""
    img = student.to_image(pixels)
    return img.mode, img.size, np.array(img)


@probe
def loaded(student, name, data):
    """Write a file and return mode, size and pixels of what load_rgb makes of it."""
    path = Path(tempfile.mkdtemp(), name)
    path.write_bytes(data)
    img = student.load_rgb(path)
    return img.mode, img.size, np.array(img)


@probe
def info_of(student, name, data):
    """Write a file and return what image_info says about it."""
    path = Path(tempfile.mkdtemp(), name)
    path.write_bytes(data)
    return student.image_info(path)


@probe
def flat_of(student, pixels):
    """Return flat_chw of the picture with these pixels."""
    return student.flat_chw(Image.fromarray(pixels))


@probe
def saved(student, name, pixels):
    """Save a picture under a name and return the bytes of the file."""
    path = Path(tempfile.mkdtemp(), name)
    student.save_png(Image.fromarray(pixels), path)
    return path.read_bytes()


@probe
def shown(student, data):
    """Return the pixels of all that show_picture sends to the viewer of the system."""
    seen = []

    class Watching(ImageShow.Viewer):
        def show(self, image, **_options):
            seen.append(np.array(image.convert("RGB")))
            return 1

    ImageShow.register(Watching(), order=0)
    path = Path(tempfile.mkdtemp(), "picture.png")
    path.write_bytes(data)
    student.show_picture(path)
    return seen


def drawn(rng, *shape):
    """Return random pixels as a uint8 array."""
    return rng.randint(0, 256, shape).numpy().astype(np.uint8)


def file_of(img, kind):
    """Return the bytes of a picture file."""
    file = io.BytesIO()
    img.save(file, kind)
    return file.getvalue()


@check(
    points=1,
    zh="宽 7、高 5 的图像变成 uint8 数组：彩色的是 (5, 7, 3)，灰度的是 (5, 7)。",
    hint="img.size is (width, height), an array is (rows, columns, channels). numpy reads both.",
    hint_zh="img.size 是 (宽, 高)，数组则是 (行, 列, 通道)。numpy 可以直接读取图像。",
)
def test_to_array_of_a_wide_picture(submission, rng):
    """A picture, 7 wide and 5 high, becomes a uint8 array: (5, 7, 3) in colour, (5, 7) in grey."""
    for pixels in (drawn(rng, 5, 7, 3), drawn(rng, 5, 7)):
        assert_equal(submission.run(array_of, pixels), pixels)


@check(
    points=1,
    zh="to_image 把 (5, 7, 3) 的数组变成宽 7、高 5 的 RGB 图像，把 (5, 7) 的数组变成灰度图像。",
    hint="Image.fromarray reads mode and size from the array; size is not shape, but (W, H).",
    hint_zh="Image.fromarray 会从数组得知模式和尺寸。注意 size 不是 shape，而是 (W, H)。",
)
def test_to_image_of_a_wide_array(submission, rng):
    """to_image makes an RGB picture, 7 wide and 5 high, of (5, 7, 3), and a grey one of (5, 7)."""
    colours, grey = drawn(rng, 5, 7, 3), drawn(rng, 5, 7)
    assert_equal(submission.run(image_of, colours), ("RGB", (7, 5), colours))
    assert_equal(submission.run(image_of, grey), ("L", (7, 5), grey))


@check(
    points=1,
    zh="load_rgb 读取 RGBA 的 PNG：得到三个通道，透明度去掉，颜色不变。",
    hint='img.convert("RGB") returns a new picture; img itself stays as it is.',
    hint_zh='img.convert("RGB") 返回一张新图像，img 本身不变。',
)
def test_load_rgb_of_a_transparent_png(submission):
    """load_rgb reads an RGBA PNG: three channels, no transparency, the colours as they are."""
    pixels = np.array([[[200, 100, 50, 0], [10, 20, 30, 255]]], dtype=np.uint8)
    found = submission.run(loaded, "two.png", file_of(Image.fromarray(pixels), "PNG"))
    assert_equal(found, ("RGB", (2, 1), pixels[..., :3]))


@check(
    points=1,
    zh="image_info 给出 RGBA 的 PNG 的格式、模式、宽、高和通道数。",
    hint="A picture knows its format, mode, width and height; getbands() names its channels.",
    hint_zh="图像对象有 format、mode、width、height 这些属性；getbands() 给出各通道的名字。",
)
def test_image_info_of_a_transparent_png(submission, rng):
    """image_info tells format, mode, width, height and channels of a PNG of mode RGBA."""
    data = file_of(Image.fromarray(drawn(rng, 5, 7, 4)), "PNG")
    expected = {"format": "PNG", "mode": "RGBA", "width": 7, "height": 5, "channels": 4}
    assert_equal(submission.run(info_of, "picture.png", data), expected)


@check(
    points=1,
    zh="以任何文件名保存，save_png 写出的都是像素不变的 PNG，彩色和灰度图像都一样。",
    hint="By itself Pillow takes the format from the name's ending; save has a parameter for it.",
    hint_zh="不加说明时，Pillow 按文件名的后缀决定格式；save 有一个参数可以指定格式。",
)
def test_save_png_under_any_name(submission, rng):
    """save_png writes a PNG with the very same pixels under any name, in colour and in grey."""
    for name, pixels in (("copy.png", drawn(rng, 5, 7, 3)), ("copy.jpg", drawn(rng, 4, 6))):
        data = submission.run(saved, name, pixels)
        assert_equal(data[:8], b"\x89PNG\r\n\x1a\n")  # what every PNG begins with
        assert_equal(read_picture(data).numpy(), pixels)


@check(
    points=1,
    zh="show_picture 把图像在屏幕上显示一次。",
    hint="A method without () behind it is only named, not called.",
    hint_zh="方法名后面不加 ()，只是提到了它，并没有调用。",
)
def test_show_picture_once(submission, rng):
    """show_picture shows the picture on the screen, once."""
    pixels = drawn(rng, 5, 7, 3)
    assert_equal(submission.run(shown, file_of(Image.fromarray(pixels), "PNG")), [pixels])


@check(
    points=1,
    zh="hwc_to_chw 把 (5, 7, 3) 变成 (3, 5, 7)，chw_to_hwc 再变回来。",
    hint="Which axis of the old array becomes the first, the second and the third of the new one?",
    hint_zh="新数组的第一、第二、第三个轴，分别是旧数组的哪个轴？",
)
def test_layouts_there_and_back(submission, rng):
    """hwc_to_chw turns (5, 7, 3) into (3, 5, 7), and chw_to_hwc turns it back."""
    hwc = drawn(rng, 5, 7, 3)
    chw = np.stack([hwc[:, :, channel] for channel in range(3)])
    assert_equal(submission.hwc_to_chw(hwc), chw)
    assert_equal(submission.chw_to_hwc(chw), hwc)


@check(
    points=1,
    zh="四个像素按 CHW 展开：先是全部 R，再是全部 G，最后是全部 B。",
    hint="Write the four red values first, in the order in which one reads; all as ints of Python.",
    hint_zh="先按阅读顺序写出四个红色值，再写绿色和蓝色；都用 Python 的 int。",
)
def test_flat_chw_of_four_pixels(submission):
    """Four pixels in CHW order: all R, then all G, then all B."""
    red, green, blue, white = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255)
    pixels = np.array([[red, green], [blue, white]], dtype=np.uint8)
    expected = [255, 0, 0, 255, 0, 128, 0, 255, 0, 0, 255, 255]
    assert_equal(submission.run(flat_of, pixels), expected)


@check(
    points=1,
    zh="to_image 遇到浮点数组抛出 TypeError，遇到 CHW 顺序的数组抛出 ValueError。",
    hint="Look at arr.dtype and arr.shape before anything else, and raise the errors yourself.",
    hint_zh="开头就检查 arr.dtype 和 arr.shape，不合适就自己抛出异常。",
)
def test_to_image_refuses_floats_and_chw(submission, rng):
    """to_image raises TypeError for an array of floats, ValueError for one in CHW order."""
    with raises(TypeError):
        submission.run(image_of, rng.rand(5, 7, 3).numpy())
    with raises(ValueError):
        submission.run(image_of, drawn(rng, 3, 5, 7))
