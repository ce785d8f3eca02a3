"""Hidden checks of ex33_pillow: files of every mode, memory of one's own, what is refused."""

import gc
import io
import tempfile
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from grader.checks import assert_equal, check, probe, raises


@probe
def written(student, data):
    """Return the path of a new file with this content."""
    path = Path(tempfile.mkdtemp(), "picture.jpg")
    path.write_bytes(data)
    return path


@probe
def load_each(student, files):
    """Return mode, size and pixels of what load_rgb makes of each file, a Path or a str."""
    found = []
    for place, data in enumerate(files):
        path = written(student, data)
        img = student.load_rgb(str(path) if place % 2 else path)
        found.append((img.mode, img.size, np.array(img)))
    return found


@probe
def info_each(student, files):
    """Return what image_info says about each file, given as Path and as str."""
    paths = [written(student, data) for data in files]
    return [
        student.image_info(str(path) if place % 2 else path) for place, path in enumerate(paths)
    ]


@probe
def load_and_overwrite(student, files):
    """Return the pixels of each picture after its file was overwritten."""
    found = []
    for data in files:
        path = written(student, data)
        img = student.load_rgb(path)
        path.write_bytes(b"")
        found.append(np.array(img))
    return found


@probe
def files_left_open(student, name, files):
    """Count the files that the function called `name` leaves for the garbage collector to close."""
    paths = [written(student, data) for data in files]
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for path in paths:
            getattr(student, name)(path)
        gc.collect()
    return sum(issubclass(each.category, ResourceWarning) for each in caught)


@probe
def no_file(student, name):
    """Call the function called `name` for a file that is not there."""
    getattr(student, name)(Path(tempfile.mkdtemp(), "nothing.png"))


@probe
def read_file(student, name, data):
    """Call the function called `name` for a file with this content."""
    getattr(student, name)(written(student, data))


@probe
def images_of(student, wide, grey):
    """Return mode, size and pixels of to_image, for arrays that are stepped, turned and whole."""
    arrays = [wide, wide[::2, 1::3], wide[:, ::-1], wide.transpose(1, 0, 2), grey, grey.T]
    arrays += [wide[:1, :1], grey[:1, :1]]
    images = [student.to_image(array) for array in arrays]
    return [(img.mode, img.size, np.array(img)) for img in images]


@probe
def write_to_one_and_look_at_the_other(student, pixels):
    """Return a picture after its array was written to, twice, and both written arrays."""
    img = Image.fromarray(pixels.copy())
    array = student.to_array(img)
    array[...] = 7
    source = pixels.copy()
    made = student.to_image(source)
    source[...] = 7
    return np.array(img), array, np.array(made), source


@probe
def make_image(student, pixels):
    """Call to_image and drop the picture."""
    student.to_image(pixels)


@probe
def turned(student, array):
    """Return hwc_to_chw of an array, of every second row, and of a transposed one; then back."""
    arrays = [array, array[::2], array.transpose(1, 0, 2), array[:1, :1]]
    there = [student.hwc_to_chw(each) for each in arrays]
    back = [student.chw_to_hwc(each) for each in [*there, there[0][:, ::-1, 1:]]]
    return there, back


@probe
def order_in_memory(student, hwc, chw):
    """Return the numbers of both results as they lie in memory."""
    return [
        student.hwc_to_chw(hwc).ravel(order="K"),
        student.chw_to_hwc(chw).ravel(order="K"),
    ]


@probe
def turn(student, name, array):
    """Call the function called `name` and drop what it returns."""
    getattr(student, name)(array)


@probe
def flat_each(student, pictures):
    """Return flat_chw of every picture."""
    return [student.flat_chw(Image.fromarray(pixels)) for pixels in pictures]


def drawn(rng, *shape):
    """Return random pixels as a uint8 array."""
    return rng.randint(0, 256, shape).numpy().astype(np.uint8)


def file_of(img, kind, **options):
    """Return the bytes of a picture file."""
    file = io.BytesIO()
    img.save(file, kind, **options)
    return file.getvalue()


def drawn_files(rng):
    """Return one PNG for each mode, and the colours that it stands for."""
    height, width = rng.integer(4, 9), rng.integer(10, 15)
    grey = drawn(rng, height, width)
    three = np.stack([grey] * 3, axis=-1)
    colours, transparent = drawn(rng, height, width, 3), drawn(rng, height, width, 4)
    alpha = np.stack([grey, drawn(rng, height, width)], axis=-1)
    bits = np.stack([grey > grey.mean()] * 3, axis=-1) * np.uint8(255)
    table = drawn(rng, 6, 3)
    places = (np.arange(height * width) % 6).reshape(height, width).astype(np.uint8)
    palette = Image.fromarray(places).convert("P")
    palette.putpalette(table.tobytes())
    pictures = [
        (Image.fromarray(colours), colours),
        (Image.fromarray(transparent), transparent[..., :3]),
        (Image.fromarray(grey), three),
        (Image.fromarray(alpha), three),
        (palette, table[places]),
        (Image.fromarray(bits[..., 0] > 0), bits),
    ]
    return [(img.mode, file_of(img, "PNG"), expected) for img, expected in pictures]


def cut_png(rng):
    """Return the first half of a PNG, 40 wide and 30 high: its header and some of the pixels."""
    data = file_of(Image.fromarray(drawn(rng, 30, 40, 4)), "PNG")
    return data[: len(data) // 2]


def two_pictures(rng):
    """Return an animation of two pictures as a GIF."""
    first, second = (Image.fromarray(drawn(rng, 5, 7)) for _ in range(2))
    return file_of(first, "GIF", save_all=True, append_images=[second])


@check(
    points=2,
    zh="无论文件是 RGB、RGBA、L、LA、P 还是 1 模式，load_rgb 都给出三个通道和正确的颜色。",
    hint="The numbers of a palette picture are places in a table; convert looks the colours up.",
    hint_zh="调色板图像里的数是颜色表的下标；convert 会查出颜色。",
)
def test_load_rgb_of_every_mode(submission, rng):
    """load_rgb gives three channels and the right colours for RGB, RGBA, L, LA, P and 1."""
    files = drawn_files(rng)
    found = submission.run(load_each, [data for _, data, _ in files])
    expected = [("RGB", pixels.shape[1::-1], pixels) for _, _, pixels in files]
    assert_equal(found, expected)


@check(
    points=1,
    zh="load_rgb 返回时像素已全部读入内存：之后改写文件也没有影响。",
    hint="Image.open reads no pixels before they are asked for. Which pictures did nobody ask for?",
    hint_zh="Image.open 要等到需要时才读像素。哪种图像一直没人需要它的像素？",
)
def test_load_rgb_has_all_pixels_in_memory(submission, rng):
    """After load_rgb all pixels are in memory: the file can be overwritten."""
    files = drawn_files(rng)[:3]
    found = submission.run(load_and_overwrite, [data for _, data, _ in files])
    assert_equal(found, [pixels for _, _, pixels in files])


@check(
    points=1,
    zh="load_rgb 和 image_info 返回时文件已经关闭，动画文件也不例外。",
    hint="`with Image.open(path) as img:` closes the file at the end of the block, come what may.",
    hint_zh="`with Image.open(path) as img:` 在代码块结束时一定会关闭文件。",
)
def test_files_are_closed(submission, rng):
    """load_rgb and image_info close the file themselves, also that of an animation."""
    files = [drawn_files(rng)[0][1], two_pictures(rng)]
    assert_equal(submission.run(files_left_open, "load_rgb", files), 0)
    assert_equal(submission.run(files_left_open, "image_info", files), 0)


@check(
    points=1,
    zh="文件不存在、不是图像，或者像素不完整时，抛出 OSError。",
    hint="Pillow raises OSError or a kind of it by itself; let it pass.",
    hint_zh="Pillow 自己会抛出 OSError 或它的子类；不要把它拦下来。",
)
def test_files_that_cannot_be_read(submission, rng):
    """OSError is raised when there is no file, when it is no picture, when pixels are missing."""
    for name in ("load_rgb", "image_info"):
        with raises(OSError):
            submission.run(no_file, name)
        with raises(OSError):
            submission.run(read_file, name, b"label,path\n3,bee.png\n")
    with raises(OSError):
        submission.run(read_file, "load_rgb", cut_png(rng))


@check(
    points=2,
    zh="对各种格式和模式的文件，image_info 都说得对，不受文件名影响。",
    hint="Ask the opened picture for everything; neither name nor format tells the channels.",
    hint_zh="一切都向打开的图像对象询问；文件名和格式都说明不了通道数。",
)
def test_image_info_of_many_files(submission, rng):
    """image_info is right about files of many formats and modes, whatever they are called."""
    channels = {"RGB": 3, "RGBA": 4, "L": 1, "LA": 2, "P": 1, "1": 1}
    wanted = [("PNG", mode, expected.shape, data) for mode, data, expected in drawn_files(rng)]
    for shape in ((9, 4, 3), (6, 11)):
        img = Image.fromarray(drawn(rng, *shape))
        wanted.append(("JPEG", img.mode, shape, file_of(img, "JPEG")))
        wanted.append(("BMP", img.mode, shape, file_of(img, "BMP")))
    expected = [
        {
            "format": kind,
            "mode": mode,
            "width": shape[1],
            "height": shape[0],
            "channels": channels[mode],
        }
        for kind, mode, shape, _ in wanted
    ]
    assert_equal(submission.run(info_each, [data for *_, data in wanted]), expected)


@check(
    points=1,
    zh="image_info 不读像素：只剩前半部分的文件也能描述。",
    hint="Opening a file is enough. What of your code makes Pillow read the pixels?",
    hint_zh="打开文件就够了。你的代码里，是哪一步让 Pillow 去读像素？",
)
def test_image_info_reads_no_pixels(submission, rng):
    """image_info reads no pixels: a file of which only the beginning is left is described too."""
    expected = {"format": "PNG", "mode": "RGBA", "width": 40, "height": 30, "channels": 4}
    assert_equal(submission.run(info_each, [cut_png(rng)]), [expected])


@check(
    points=1,
    zh="to_image 也接受内存不连续的数组：取步长的、翻转的、转置的。",
    hint="Whoever copies raw memory has to mind how the numbers lie there.",
    hint_zh="如果直接照搬内存，就要留意数在其中是怎么排列的。",
)
def test_to_image_of_arrays_that_are_not_contiguous(submission, rng):
    """to_image takes arrays that are not contiguous: stepped, mirrored, transposed."""
    wide, grey = drawn(rng, 6, 11, 3), drawn(rng, 4, 9)
    arrays = [wide, wide[::2, 1::3], wide[:, ::-1], wide.transpose(1, 0, 2), grey, grey.T]
    arrays += [wide[:1, :1], grey[:1, :1]]
    expected = [
        ("RGB" if array.ndim == 3 else "L", array.shape[1::-1], np.ascontiguousarray(array))
        for array in arrays
    ]
    assert_equal(submission.run(images_of, wide, grey), expected)


@check(
    points=1,
    zh="图像与数组各有各的内存：往数组里写，图像不变。",
    hint="Some ways between picture and array copy, others share memory. Look them up, or copy.",
    hint_zh="图像与数组互转，有的写法会复制，有的共享内存。查一查文档，或者自己复制一份。",
)
def test_pictures_and_arrays_share_no_memory(submission, rng):
    """Picture and array have memory of their own: writing to the array leaves the picture alone."""
    for shape in ((5, 7), (5, 7, 3)):
        pixels = drawn(rng, *shape)
        written_to = np.full(shape, 7, dtype=np.uint8)
        found = submission.run(write_to_one_and_look_at_the_other, pixels)
        assert_equal(found, (pixels, written_to, pixels, written_to))


@check(
    points=1,
    zh="to_image 以及两个换序函数拒绝一切不合要求的数组，异常的类型与说明一致。",
    hint="Which dtypes and shapes are there besides the allowed ones? Refuse all of them.",
    hint_zh="除去允许的 dtype 和形状，其余的都要拒绝。",
)
def test_arrays_that_are_refused(submission, rng):
    """to_image and the two layout functions refuse every other array, with the promised errors."""
    for dtype in (np.float64, np.int64, np.bool_, np.int8, np.uint16):
        with raises(TypeError):
            submission.run(make_image, drawn(rng, 5, 7).astype(dtype))
    for shape in ((7,), (5, 7, 1), (5, 7, 4), (2, 5, 7, 3)):
        with raises(ValueError):
            submission.run(make_image, drawn(rng, *shape))
    for name in ("hwc_to_chw", "chw_to_hwc"):
        for shape in ((5, 7), (2, 5, 7, 3)):
            with raises(ValueError):
                submission.run(turn, name, drawn(rng, *shape))


@check(
    points=2,
    zh="换序函数适用于任何 dtype、任意通道数和内存不连续的数组。",
    hint="Move the axes; what was one pixel stays one pixel. dtype and channels do not matter.",
    hint_zh="要移动的是轴，同一个像素的数仍属于同一个像素。dtype 和通道数都无所谓。",
)
def test_layouts_of_many_arrays(submission, rng):
    """The layout functions take any dtype, any number of channels, and arrays not contiguous."""
    for channels, dtype in ((1, np.float32), (2, np.uint8), (4, np.float64), (5, np.int64)):
        array = drawn(rng, 4, 7, channels).astype(dtype)
        arrays = [array, array[::2], array.transpose(1, 0, 2), array[:1, :1]]
        there, back = submission.run(turned, array)
        stacked = [np.stack([each[..., c] for c in range(channels)]) for each in arrays]
        assert_equal(there, stacked)
        arrays.append(array[::-1, 1:])
        assert_equal(back, [np.ascontiguousarray(each) for each in arrays])


@check(
    points=1,
    zh="换序的结果在内存中是连续的，数就按新的顺序排列。",
    hint="Moving axes alone moves no number; np.ascontiguousarray does.",
    hint_zh="只移动轴，并不移动任何一个数；np.ascontiguousarray 才会。",
)
def test_layouts_in_memory(submission, rng):
    """The results of the layout functions lie in memory in their new order."""
    hwc, chw = drawn(rng, 4, 7, 3), drawn(rng, 3, 5, 8)
    found = submission.run(order_in_memory, hwc, chw)
    expected = [
        np.concatenate([hwc[..., c].ravel() for c in range(3)]),
        np.stack([channel.ravel() for channel in chw], axis=1).ravel(),
    ]
    assert_equal(found, expected)


@check(
    points=1,
    zh="flat_chw 对各种尺寸的图像都给出普通的 int，顺序正确。",
    hint="tolist() gives ints of Python; list() of an array leaves those of numpy.",
    hint_zh="tolist() 得到 Python 的 int；对数组用 list()，得到的仍是 numpy 的数。",
)
def test_flat_chw_of_many_sizes(submission, rng):
    """flat_chw gives plain ints in the right order for pictures of many sizes."""
    pictures = [drawn(rng, *size, 3) for size in ((1, 1), (2, 5), (6, 3), (1, 4))]
    expected = [
        [value for c in range(3) for row in pixels.tolist() for value in [p[c] for p in row]]
        for pixels in pictures
    ]
    assert_equal(submission.run(flat_each, pictures), expected)
