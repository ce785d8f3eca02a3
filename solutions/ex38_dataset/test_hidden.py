"""Hidden checks of ex38_dataset: folders and tables as they come, and when files are read."""

import io
import os
import pickle
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from grader.checks import assert_equal, check, probe, raises


@probe
def write(student, files):
    """Write the files {path: bytes} into the working folder."""
    for path, data in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)


@probe
def seen(student, dataset):
    """Return mode, pixels and label of every item, found by its place."""
    items = [dataset[i] for i in range(len(dataset))]
    return [
        [picture.mode, torch.from_numpy(np.array(picture)), str(label)] for picture, label in items
    ]


@probe
def both(student, transform):
    """Return a FolderClass over pictures/ants and a CsvImages over the same folder."""
    return [
        student.FolderClass(Path("pictures"), "ants", transform),
        student.CsvImages(Path("pictures/ants"), "labels.csv", "list.txt", transform),
    ]


@probe
def pairs_of(student, settings):
    """Return length, items by loop and last item (if any) of TensorPairs for each (xs, ys)."""
    found = []
    for xs, ys in settings:
        dataset = student.TensorPairs(xs, ys)
        last = list(dataset[-1]) if len(dataset) else None
        found.append([len(dataset), [list(item) for item in islice(dataset, 20)], last])
    return found


@probe
def labels_by_loop(student, files):
    """Return the labels that a loop finds in both sets of pictures, and those from the end."""
    write(student, files)
    found = []
    for dataset in both(student, lambda picture: 0):
        looped = [str(label) for _, label in islice(dataset, 20)]
        found.append([looped, [str(dataset[-i][1]) for i in range(1, len(dataset) + 1)]])
    return found


@probe
def ask_past_the_end(student, files, place):
    """Ask a set of pictures for the item after the last."""
    write(student, files)
    dataset = both(student, None)[place]
    dataset[len(dataset)]


@probe
def folder_items(student, files, label):
    """Return what a FolderClass over pictures/ holds; files are written in the order given."""
    write(student, files)
    return seen(student, student.FolderClass("pictures", label))


@probe
def csv_items(student, files):
    """Return what a CsvImages holds."""
    write(student, files)
    return seen(student, student.CsvImages("pictures/ants", "labels.csv", "list.txt"))


@probe
def both_items(student, files):
    """Return what both sets of pictures hold."""
    write(student, files)
    return [seen(student, dataset) for dataset in both(student, None)]


@probe
def both_items_of_later_files(student, files, later):
    """Return what both sets of pictures hold, if the pictures change after they were made."""
    write(student, files)
    datasets = both(student, None)
    write(student, later)
    return [seen(student, dataset) for dataset in datasets]


@probe
def transform_calls(student, files):
    """Return what a transform got for each item of both sets, and its items, numbered by call."""
    write(student, files)
    found = []
    for place in range(2):
        got = []

        def numbered(picture, got=got):
            got.append([picture.mode, torch.from_numpy(np.array(picture))])
            return len(got)

        dataset = both(student, numbered)[place]
        items = [[dataset[i][0], str(dataset[i][1])] for i in range(len(dataset))]
        found.append([items, got])
    return found


@probe
def make_folder_class(student, files, label):
    """Make a FolderClass over pictures/ and drop it."""
    write(student, files)
    student.FolderClass("pictures", label)


@probe
def make_csv_images(student, files):
    """Make a CsvImages and drop it."""
    write(student, files)
    student.CsvImages("pictures/ants", "labels.csv", "list.txt")


@probe
def open_files(student):
    """Return how many files this process has open."""
    count = 0
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        count += 1
    return count


@probe
def files_left_open(student, files):
    """Return how many more files are open while all items of both sets are kept."""
    write(student, files)
    next(iter(both(student, None)[0]))  # what is imported at first use is none of the question
    before = open_files(student)
    datasets = both(student, None)
    items = [[dataset[i] for i in range(len(dataset))] for dataset in datasets]
    return open_files(student) - before, [len(some) for some in items]


@probe
def items_in_another_process(student, files):
    """Return what both sets hold after they were pickled, and the labels that two workers load."""
    write(student, files)
    copies = [pickle.loads(pickle.dumps(some)) for some in both(student, None)]  # noqa: S301
    items = [seen(student, dataset) for dataset in copies]
    loader = torch.utils.data.DataLoader(
        both(student, lambda picture: picture.size)[1], batch_size=2, num_workers=2
    )
    return items, [batch[1] for batch in loader]


@probe
def joined_numbers(student, lengths):
    """Return how concat of two data sets of numbers behaves, and which numbers were read when."""
    read = []

    class Numbers(torch.utils.data.Dataset):
        def __init__(self, first, length):
            self.numbers = range(first, first + length)

        def __len__(self):
            return len(self.numbers)

        def __getitem__(self, i):
            read.append(self.numbers[i])
            return self.numbers[i]

    dataset = student.concat(Numbers(0, lengths[0]), Numbers(100, lengths[1]))
    length, early = len(dataset), list(read)
    items = [dataset[i] for i in range(length)]
    late = list(read)
    return {
        "length": length,
        "read before it was asked for": early,
        "items": items,
        "read": late,
        "from the end": [dataset[-i] for i in range(1, length + 1)],
        "in a loop": list(islice(dataset, 40)),
    }


def drawn(rng, height=3, width=5):
    """Return the pixels of a random picture in colour."""
    return rng.randint(0, 256, (height, width, 3)).to(torch.uint8)


def encoded(image, kind="PNG"):
    """Return the bytes of a picture of PIL."""
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def png(picture):
    """Return the bytes of a PNG with these pixels."""
    return encoded(Image.fromarray(picture.numpy()))


def ants(rng, count):
    """Return drawn pictures, their labels in the table, and the files of both data sets."""
    names = [f"{place}.png" for place in range(count)]
    pictures = [drawn(rng) for _ in names]
    labels = [int(label) for label in rng.permutation(100)[:count]]
    rows = [f"{name},{label}\n" for name, label in zip(names, labels, strict=True)]
    files = {f"pictures/ants/{k}.png": png(picture) for k, picture in enumerate(pictures)}
    files["labels.csv"] = ("name,label\n" + "".join(rows)).encode()
    files["list.txt"] = "".join(f"{name}\n" for name in names).encode()
    return pictures, labels, files


def expected_of_both(pictures, labels):
    """Return what both data sets hold."""
    return [
        [["RGB", picture, "ants"] for picture in pictures],
        [["RGB", picture, str(label)] for picture, label in zip(pictures, labels, strict=True)],
    ]


@check(
    points=1,
    zh="TensorPairs 适用于任何 dtype 和维数，没有一项时也行；下标 -1 是最后一对。",
    hint="xs[i] does all of it by itself, also IndexError; xs[i : i + 1] is a batch of one.",
    hint_zh="xs[i] 本身就都做到了，包括 IndexError；xs[i : i + 1] 得到的却是只有一项的一批。",
)
def test_tensor_pairs_of_any_kind(submission, rng):
    """TensorPairs takes any dtype and dimension, also no items at all, and -1 is the last pair."""
    settings = [
        (rng.randn(3, dtype=torch.float64), rng.randn(3, 2, 2)),
        (rng.randint(0, 9, (4, 3)).t(), rng.rand(3) < 0.5),
        (rng.randn(1, 4), rng.randint(0, 9, (1,))),
        (torch.zeros(0, 3), torch.zeros(0)),
    ]
    expected = []
    for xs, ys in settings:
        items = [[x, y] for x, y in zip(xs, ys, strict=True)]
        expected.append([len(xs), items, items[-1] if items else None])
    assert_equal(submission.run(pairs_of, settings), expected)


@check(
    points=1,
    zh="两种图像数据集也能用负下标，越过末尾时抛出 IndexError，于是 for 循环会停。",
    hint="A list behind the data set does all this by itself, if i is handed on as it is.",
    hint_zh="把 i 原样交给内部的列表，这些它自己就会做。",
)
def test_pictures_are_counted_from_the_end_as_well(submission, rng):
    """Both sets of pictures take a negative i, and a place past the end raises IndexError."""
    _, labels, files = ants(rng, 4)
    labels = [str(label) for label in labels]
    expected = [[["ants"] * 4, ["ants"] * 4], [labels, labels[::-1]]]
    assert_equal(submission.run(labels_by_loop, files), expected)
    for place in (0, 1):
        with raises(IndexError):
            submission.run(ask_past_the_end, files, place)


@check(
    points=2,
    zh="FolderClass 认得大写的后缀和 JPEG，不理会以点开头的文件，并按字符串顺序排序。",
    hint="Three endings, name.lower() for all of them, and sorted() on the names as strings.",
    hint_zh="后缀有三种，统一用 name.lower() 比较；再用 sorted() 给文件名字符串排序。",
)
def test_folder_class_knows_its_pictures(submission, rng):
    """FolderClass knows capital endings and JPEGs, leaves dot files alone, and sorts strings."""
    names = ["ant9.png", "ant10.PNG", "b.JPG", "Ant3.jpeg", "ant2.jpg", "z.Png", "ant.1.png"]
    jpegs = [name for name in names if name.lower().endswith(("jpg", "jpeg"))]
    images = {name: Image.fromarray(drawn(rng, 8, 8).numpy()) for name in names}
    data = {n: encoded(image, "JPEG" if n in jpegs else "PNG") for n, image in images.items()}
    files = {f"pictures/ants/{name}": data[name] for name in names}
    files |= {
        f"pictures/ants/{name}": b"\0\5\x16\7 no picture"
        for name in ("._ant9.png", "ant.txt", "png", "ant9.png.part", ".jpg", "list.jpg.csv")
    }
    files["pictures/bees/a.png"] = png(drawn(rng))
    expected = [
        ["RGB", torch.from_numpy(np.array(Image.open(io.BytesIO(data[name])))), "ants"]
        for name in sorted(names)
    ]
    assert_equal(submission.run(folder_items, files, "ants"), expected)


@check(
    points=1,
    zh="灰度、带透明度和带调色板的图像都变成 RGB。",
    hint="A batch needs equally many channels: convert every picture when it is read.",
    hint_zh="同一批里通道数必须相同：读入时就转换每张图。",
)
def test_pictures_of_every_mode_become_rgb(submission, rng):
    """Pictures in grey, with transparency or with a palette become RGB."""
    colour = Image.fromarray(drawn(rng, 6, 4).numpy())
    images = [colour, colour.convert("L"), colour.convert("P"), colour.convert("1")]
    images.append(Image.fromarray(rng.randint(0, 256, (6, 4, 4)).to(torch.uint8).numpy()))
    labels = [int(label) for label in rng.permutation(100)[: len(images)]]
    files = {f"pictures/ants/{k}.png": encoded(image) for k, image in enumerate(images)}
    rows = [f"{k}.png,{label}\n" for k, label in enumerate(labels)]
    files["labels.csv"] = ("name,label\n" + "".join(rows)).encode()
    files["list.txt"] = "".join(f"{k}.png\n" for k in range(len(images))).encode()
    decoded = [Image.open(io.BytesIO(encoded(image))).convert("RGB") for image in images]
    pictures = [torch.from_numpy(np.array(image)) for image in decoded]
    assert_equal(submission.run(both_items, files), expected_of_both(pictures, labels))


@check(
    points=2,
    zh="图像在取到某一项时才读取，不在建数据集时读。",
    hint="__init__ keeps paths, __getitem__ opens one; 120 000 pictures fit into no memory.",
    hint_zh="__init__ 只记路径，__getitem__ 才打开其中一个；十几万张图像哪块内存都放不下。",
)
def test_pictures_are_read_when_asked_for(submission, rng):
    """A picture is read when its item is asked for, not when the data set is made."""
    _, labels, files = ants(rng, 3)
    pictures = [drawn(rng) for _ in range(3)]
    later = {f"pictures/ants/{k}.png": png(picture) for k, picture in enumerate(pictures)}
    found = submission.run(both_items_of_later_files, files, later)
    assert_equal(found, expected_of_both(pictures, labels))


@check(
    points=1,
    zh="每取一项，transform 恰好调用一次，得到的是 RGB 图像。",
    hint="Call it in __getitem__, on the converted picture, and return what comes back.",
    hint_zh="在 __getitem__ 里对转换后的图像调用它，返回它的结果。",
)
def test_a_transform_is_called_once_for_each_item(submission, rng):
    """Whenever an item is asked for, its transform is called once, with the picture in RGB."""
    pictures, labels, files = ants(rng, 3)
    grey = Image.fromarray(pictures[1].numpy()).convert("L")
    files["pictures/ants/1.png"] = encoded(grey)
    pictures[1] = torch.from_numpy(np.array(grey.convert("RGB")))
    twice = [["RGB", picture] for picture in pictures for _ in range(2)]
    of_folder = [[1, "ants"], [3, "ants"], [5, "ants"]]
    of_table = [[k, str(label)] for k, label in zip((1, 3, 5), labels, strict=True)]
    expected = [[of_folder, twice], [of_table, twice]]
    assert_equal(submission.run(transform_calls, files), expected)


@check(
    points=1,
    zh="文件夹不存在或里面没有图像时，FolderClass 抛出 FileNotFoundError。",
    hint="glob finds nothing in silence where there is no folder: look at what you have found.",
    hint_zh="文件夹不存在时，glob 一声不响地什么也找不到：要看一看找到了几个。",
)
def test_folder_class_without_pictures(submission):
    """FolderClass raises FileNotFoundError where there is no such folder or no picture in it."""
    files = {"pictures/bees/about.txt": b"None yet.", "pictures/bees/.a.png": b""}
    for label in ("ants", "bees"):
        with raises(FileNotFoundError):
            submission.run(make_folder_class, files, label)


@check(
    points=2,
    zh="CsvImages 按列名取值，不管列的先后，也认得带引号的字段。",
    hint="csv.DictReader gives each row as a dict with the names of the first line.",
    hint_zh="csv.DictReader 把每一行读成字典，键就是第一行里的列名。",
)
def test_a_table_is_read_by_its_first_line(submission, rng):
    """CsvImages finds its columns by name, wherever they stand, and fields may be quoted."""
    names = ["red, small.png", "蚂蚁.png", "big, bigger.png", "7.png"]
    pictures = {name: drawn(rng) for name in names}
    files = {f"pictures/ants/{name}": png(picture) for name, picture in pictures.items()}
    files["list.txt"] = "\n".join(names).encode()
    labels = [int(label) for label in rng.permutation(100)[:4]]
    quoted = ['"red, small.png"', "蚂蚁.png", '"big, bigger.png"', '"7.png"']
    rows = [f'"{label}",-1,{name},x' for label, name in zip(labels, quoted, strict=True)]
    files["labels.csv"] = "\n".join(["label,size,name,note", *rows]).encode()
    expected = [
        ["RGB", pictures[name], str(label)] for name, label in zip(names, labels, strict=True)
    ]
    assert_equal(submission.run(csv_items, files), expected)


@check(
    points=1,
    zh="哪些图、什么顺序，由名单决定；空行跳过，最后一行没有换行符也行。",
    hint="splitlines() on the list's text; the table only answers which label a name has.",
    hint_zh="对名单的文本用 splitlines()；表格只用来回答某个文件名的标签是什么。",
)
def test_the_list_decides_which_pictures(submission, rng):
    """The list decides which pictures there are, in which order; its empty lines do not count."""
    pictures, labels, files = ants(rng, 6)
    for text in ("4.png\n1.png\n\n5.png\n\n", "\n4.png\n\n1.png\n5.png"):
        files["list.txt"] = text.encode()
        expected = [["RGB", pictures[k], str(labels[k])] for k in (4, 1, 5)]
        assert_equal(submission.run(csv_items, files), expected)


@check(
    points=1,
    zh="名单里的文件名不在表格中时，建 CsvImages 就抛出 KeyError。",
    hint="Look the labels up in __init__: labels[name] raises it by itself, .get(name) does not.",
    hint_zh="在 __init__ 里就查标签：labels[name] 自己会抛出 KeyError，.get(name) 则不会。",
)
def test_a_name_without_a_label_is_refused(submission, rng):
    """CsvImages raises KeyError at once when the list has a name that the table has not."""
    _, _, files = ants(rng, 3)
    files["labels.csv"] = b"name,label\n0.png,4\n2.png,3\n"
    with raises(KeyError):
        submission.run(make_csv_images, files)


@check(
    points=1,
    zh="读过的文件都已关闭，即使各项都还留着。",
    hint="`with Image.open(path) as file:` and convert inside; Image.open alone only begins.",
    hint_zh="写 `with Image.open(path) as file:`，在里面转换；单是 Image.open 只开了个头。",
)
def test_no_file_stays_open(submission, rng):
    """All files are closed again, even while their items are kept."""
    _, _, files = ants(rng, 5)
    left, lengths = submission.run(files_left_open, files)
    assert_equal(lengths, [5, 5])
    assert_equal(left, 0)


@check(
    points=1,
    zh="两种图像数据集都能序列化（pickle），也能由 DataLoader 的两个进程读取。",
    hint="An open file or a lambda on self cannot be pickled; keep paths, names and numbers.",
    hint_zh="self 上的已打开文件或 lambda 无法序列化；只存路径、名字和数。",
)
def test_data_sets_travel_to_other_processes(submission, rng):
    """Both sets of pictures can be pickled, and two workers of a DataLoader can read them."""
    pictures, labels, files = ants(rng, 5)
    items, batches = submission.run(items_in_another_process, files)
    assert_equal(items, expected_of_both(pictures, labels))
    assert_equal(batches, list(torch.tensor(labels).split(2)))


@check(
    points=1,
    zh="concat 在交界处和两端都给出正确的项，也能用负下标；要哪一项才读哪一项。",
    hint="`list(a) + list(b)` reads all items at once; and place len(a) is the first of b.",
    hint_zh="`list(a) + list(b)` 会一次读完所有项；下标 len(a) 才是 b 的第一项。",
)
def test_concat_at_the_border_and_at_the_ends(submission):
    """concat is right at the border and at both ends, and reads an item when it is asked for."""
    for lengths in ((3, 4), (1, 2), (0, 3), (2, 0)):
        items = [*range(lengths[0]), *range(100, 100 + lengths[1])]
        expected = {
            "length": len(items),
            "read before it was asked for": [],
            "items": items,
            "read": items,
            "from the end": items[::-1],
            "in a loop": items,
        }
        assert_equal(submission.run(joined_numbers, lengths), expected)
