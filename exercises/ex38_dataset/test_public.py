"""Public checks of ex38_dataset: ants and bees, a table, and both classes in one data set."""

import io
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
def pixels(student, picture):
    """Return an Image's mode and its pixels (height, width, 3)."""
    return [picture.mode, torch.from_numpy(np.array(picture))]


@probe
def to_tensor(student, picture):
    """Return an Image's pixels as a tensor (3, height, width)."""
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)


@probe
def pairs(student, xs, ys):
    """Return the length of TensorPairs and what a for loop finds in it, ten items at most."""
    dataset = student.TensorPairs(xs, ys)
    return len(dataset), [list(item) for item in islice(dataset, 10)]


@probe
def make_pairs(student, xs, ys):
    """Make TensorPairs and drop it."""
    student.TensorPairs(xs, ys)


@probe
def folder_class(student, files, label):
    """Return the length and all items of a FolderClass over files in train/."""
    write(student, files)
    dataset = student.FolderClass("train", label)
    places = range(len(dataset))
    return len(dataset), [[*pixels(student, dataset[i][0]), dataset[i][1]] for i in places]


@probe
def csv_items(student, files):
    """Return the length and all items of a CsvImages over pictures/, labels.csv and train.txt."""
    write(student, files)
    dataset = student.CsvImages(Path("pictures"), Path("labels.csv"), Path("train.txt"))
    items = [dataset[i] for i in range(len(dataset))]
    return len(dataset), [[*pixels(student, picture), str(label)] for picture, label in items]


@probe
def csv_batches(student, files, batch_size):
    """Return the batches that torch's DataLoader makes of a CsvImages of tensors."""
    write(student, files)
    dataset = student.CsvImages(
        "pictures", "labels.csv", "train.txt", lambda picture: to_tensor(student, picture)
    )
    return [list(batch) for batch in torch.utils.data.DataLoader(dataset, batch_size)]


@probe
def joined_classes(student, files):
    """Return the length and the items of ants and bees, joined."""
    write(student, files)
    ants, bees = student.FolderClass("train", "ants"), student.FolderClass("train", "bees")
    dataset = student.concat(ants, bees)
    items = [dataset[i] for i in range(len(dataset))]
    return len(dataset), [[*pixels(student, picture), label] for picture, label in items]


def drawn(rng, height=4, width=6):
    """Return the pixels of a random picture in colour."""
    return rng.randint(0, 256, (height, width, 3)).to(torch.uint8)


def png(picture):
    """Return the bytes of a PNG with these pixels."""
    file = io.BytesIO()
    Image.fromarray(picture.numpy()).save(file, "PNG")
    return file.getvalue()


def table(rng, count):
    """Return pictures and labels, drawn, and the files of a CsvImages in which they stand."""
    names = [f"{place}.png" for place in range(count)]
    pictures = [drawn(rng) for _ in names]
    labels = [int(label) for label in rng.permutation(100)[:count]]
    rows = [f"{name},{label}\n" for name, label in zip(names, labels, strict=True)]
    files = {
        f"pictures/{name}": png(picture) for name, picture in zip(names, pictures, strict=True)
    }
    files["labels.csv"] = ("name,label\n" + "".join(rows)).encode()
    files["train.txt"] = "".join(f"{name}\n" for name in names).encode()
    return pictures, labels, files


@check(
    points=1,
    zh="TensorPairs 的第 i 项是 (xs[i], ys[i])，len 是对数，for 循环到末尾就停。",
    hint="A whole number as index takes one dimension away; len is the size of the first one.",
    hint_zh="用整数作下标会去掉一维；len 就是第一维的大小。",
)
def test_tensor_pairs_gives_pairs(submission, rng):
    """Item i of TensorPairs is (xs[i], ys[i]), len counts them, and a for loop ends with them."""
    xs, ys = rng.randn(5, 2, 3), rng.randint(0, 10, (5,))
    length, items = submission.run(pairs, xs, ys)
    assert_equal(length, 5)
    assert_equal(items, [[x, y] for x, y in zip(xs, ys, strict=True)])


@check(
    points=1,
    zh="xs 与 ys 的项数不同时，TensorPairs 抛出 ValueError。",
    hint="Compare len(xs) and len(ys) in __init__, and `raise ValueError(...)` yourself.",
    hint_zh="在 __init__ 里比较 len(xs) 与 len(ys)，不相等就自己 `raise ValueError(...)`。",
)
def test_tensor_pairs_refuses_different_lengths(submission, rng):
    """TensorPairs raises ValueError when xs and ys have not equally many items."""
    for xs, ys in ((5, 4), (4, 5)):
        with raises(ValueError):
            submission.run(make_pairs, rng.randn(xs, 2), rng.randn(ys))


@check(
    points=2,
    zh='FolderClass 按文件名排序给出各图，标签是 "ants"。',
    hint="os.listdir gives the names in any order: sort them once, in __init__.",
    hint_zh="os.listdir 给出的顺序是任意的：在 __init__ 里排一次序。",
)
def test_folder_class_gives_the_ants_by_name(submission, rng):
    """FolderClass gives its pictures sorted by name, each with the label "ants"."""
    names = ["b7.png", "a30.png", "c1.png", "a4.png", "b12.png", "a5.png"]
    pictures = {name: drawn(rng) for name in names}
    files = {f"train/ants/{name}": png(picture) for name, picture in pictures.items()}
    length, items = submission.run(folder_class, files, "ants")
    assert_equal(length, 6)
    assert_equal(items, [["RGB", pictures[name], "ants"] for name in sorted(names)])


@check(
    points=1,
    zh="FolderClass 跳过不是图像的文件。",
    hint="Not all that lies in a folder is a picture: look at how each name ends.",
    hint_zh="文件夹里的东西不全是图像：看一看每个文件名的结尾。",
)
def test_folder_class_passes_over_other_files(submission, rng):
    """FolderClass passes over files that are no pictures."""
    pictures = [drawn(rng) for _ in range(3)]
    files = {f"train/bees/{k}.png": png(picture) for k, picture in enumerate(pictures)}
    files |= {"train/bees/.DS_Store": b"\0\1", "train/bees/about.txt": b"Three bees."}
    length, items = submission.run(folder_class, files, "bees")
    assert_equal(length, 3)
    assert_equal(items, [["RGB", picture, "bees"] for picture in pictures])


@check(
    points=1,
    zh="CsvImages 给出各图和表中的标签。",
    hint="Build a dict from name to label while you read the table, then look every name up.",
    hint_zh="读表时建一个从文件名到标签的字典，然后逐个文件名去查。",
)
def test_csv_images_gives_pictures_and_labels(submission, rng):
    """CsvImages gives pictures with the labels of the table."""
    pictures, labels, files = table(rng, 4)
    length, items = submission.run(csv_items, files)
    assert_equal(length, 4)
    expected = [
        ["RGB", picture, str(label)] for picture, label in zip(pictures, labels, strict=True)
    ]
    assert_equal(items, expected)


@check(
    points=2,
    zh="DataLoader 能把 CsvImages 拼成批：图像是一个张量，标签是一个 int64 张量。",
    hint="What csv reads is text, and a row of pandas is a Series: make an int of the label.",
    hint_zh="csv 读出来的是文本，pandas 取出的一行是 Series：用 int 转换标签。",
)
def test_csv_images_in_batches(submission, rng):
    """A DataLoader makes batches of CsvImages: one tensor of pictures, one of int64 labels."""
    pictures, labels, files = table(rng, 5)
    first, second = submission.run(csv_batches, files, 3)
    stacked = torch.stack(pictures).permute(0, 3, 1, 2)
    assert_equal(first, [stacked[:3], torch.tensor(labels[:3])])
    assert_equal(second, [stacked[3:], torch.tensor(labels[3:])])


@check(
    points=1,
    zh="concat 把蚂蚁和蜜蜂接在一起：长度相加，先蚂蚁后蜜蜂。",
    hint="Two data sets can be added with +, and torch.utils.data has a class for it, too.",
    hint_zh="两个数据集可以用 + 相加，torch.utils.data 里也有专门的类。",
)
def test_concat_joins_ants_and_bees(submission, rng):
    """concat joins ants and bees: the lengths add up, and the ants come first."""
    ants, bees = [drawn(rng) for _ in range(3)], [drawn(rng) for _ in range(4)]
    files = {f"train/ants/{k}.png": png(picture) for k, picture in enumerate(ants)}
    files |= {f"train/bees/{k}.png": png(picture) for k, picture in enumerate(bees)}
    length, items = submission.run(joined_classes, files)
    assert_equal(length, 7)
    expected = [["RGB", picture, "ants"] for picture in ants]
    assert_equal(items, expected + [["RGB", picture, "bees"] for picture in bees])
