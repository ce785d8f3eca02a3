"""Public checks of ex40_imagefolder: cats and dogs, a small CIFAR10, and parts of both."""

import io
import pickle
from pathlib import Path
from types import SimpleNamespace

import torch
from PIL import Image
from torchvision import datasets
from torchvision.transforms import ToTensor
from torchvision.utils import make_grid

from grader.checks import assert_equal, assert_tensor, check, probe, read_picture

NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@probe
def written_folder(student, classes, n, size, seed):
    """Return all files that make_image_folder writes, by their path within root."""
    student.make_image_folder("made/here", classes, n, size, seed)
    files = sorted(path for path in Path("made/here").rglob("*") if path.is_file())
    return {path.relative_to("made/here").as_posix(): path.read_bytes() for path in files}


@probe
def write(student, files):
    """Write the files {path: bytes} into the working folder."""
    for path, data in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)


@probe
def folder_as_tensors(student, files):
    """Return what a MiniImageFolder over root/ says of itself, and its items as tensors."""
    write(student, files)
    dataset = student.MiniImageFolder("root", ToTensor())
    return {
        "classes": list(dataset.classes),
        "class_to_idx": dict(dataset.class_to_idx),
        "targets": list(dataset.targets),
        "length": len(dataset),
        "items": [list(dataset[i]) for i in range(len(dataset))],
    }


@probe
def write_cifar10(student, batches, names):
    """Write data/ as CIFAR10 does, with few pictures, and let torchvision take any checksum."""
    folder = Path("data", "cifar-10-batches-py")
    folder.mkdir(parents=True, exist_ok=True)
    for name, (pixels, labels) in batches.items():
        content = {"data": pixels.reshape(-1, 3072).numpy(), "labels": labels}
        (folder / name).write_bytes(pickle.dumps(content, 2))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": names}, 2))
    datasets.CIFAR10.train_list = [[f"data_batch_{k}", None] for k in range(1, 6)]
    datasets.CIFAR10.test_list = [["test_batch", None]]
    datasets.CIFAR10.meta = datasets.CIFAR10.meta | {"md5": None}


@probe
def cifar10(student, batches, names):
    """Return what is told by the training and the test part of CIFAR10."""
    write_cifar10(student, batches, names)
    parts = student.load_cifar10("data"), student.load_cifar10(Path("data"), train=False)
    return {
        "type": [type(part).__name__ for part in parts],
        "length": [len(part) for part in parts],
        "classes": [list(part.classes) for part in parts],
        "targets": [list(part.targets) for part in parts],
    }


@probe
def cifar10_as_tensors(student, batches, names):
    """Return the first training items and the first test item of CIFAR10, as tensors."""
    write_cifar10(student, batches, names)
    training = student.load_cifar10("data", transform=ToTensor())
    test = student.load_cifar10("data", train=False, transform=ToTensor())
    return [list(training[0]), list(training[1]), list(test[0])]


@probe
def counts(student, classes, targets):
    """Return class_counts of something that has nothing but classes and targets."""
    return student.class_counts(SimpleNamespace(classes=classes, targets=targets))


@probe
def parts(student, length, fraction, seed):
    """Return both parts of the numbers below length."""
    first, second = student.split(range(length), fraction, seed)
    return [[part[i] for i in range(len(part))] for part in (first, second)]


@probe
def names_of_classes(student, tasks):
    """Return for each task the name of the class, and whether it is torchvision's."""
    kinds = [student.dataset_for(task) for task in tasks]
    return [[kind.__name__, kind is getattr(datasets, kind.__name__, None)] for kind in kinds]


@probe
def downloads(student, names):
    """Return can_download for classes of torchvision."""
    return [student.can_download(getattr(datasets, name)) for name in names]


def drawn(rng, height=4, width=6):
    """Return the pixels of a random picture in colour."""
    return rng.randint(0, 256, (height, width, 3)).to(torch.uint8)


def png(picture):
    """Return the bytes of a PNG with these pixels."""
    file = io.BytesIO()
    Image.fromarray(picture.numpy()).save(file, "PNG")
    return file.getvalue()


def as_tensor(picture):
    """Return what ToTensor makes of a picture with these pixels."""
    return picture.permute(2, 0, 1).float() / 255


def drawn_cifar10(rng):
    """Return five batches of two pictures and a test batch of three, with labels."""
    sizes = {f"data_batch_{k}": 2 for k in range(1, 6)} | {"test_batch": 3}
    return {
        name: [
            rng.randint(0, 256, (size, 3, 32, 32)).to(torch.uint8),
            rng.randint(0, 10, (size,)).tolist(),
        ]
        for name, size in sizes.items()
    }


@check(
    points=1,
    zh="make_image_folder 为每一类写出 n 张 PNG，尺寸是 size = (高, 宽)，RGB。",
    hint="An array for Image.fromarray has the shape (height, width, 3), and dtype uint8.",
    hint_zh="交给 Image.fromarray 的数组形状是 (高, 宽, 3)，dtype 是 uint8。",
)
def test_make_image_folder_writes_pictures(submission, rng):
    """make_image_folder writes n PNGs for each class, of size (height, width), in RGB."""
    files = submission.run(written_folder, ["dog", "cat"], 3, (4, 7), rng.seed())
    names = [f"{name}/{k}.png" for name in ("cat", "dog") for k in range(3)]
    assert_equal(sorted(files), names)
    for name in names:
        assert_equal(list(read_picture(files[name]).shape), [4, 7, 3])


@check(
    points=2,
    zh="MiniImageFolder：cat 的编号是 0，dog 是 1；各项是 (ToTensor 的结果, 编号)。",
    hint="Sort the folders' names, number them from 0, and apply the transform to the picture.",
    hint_zh="把文件夹名排好序，从 0 开始编号，并对图像使用 transform。",
)
def test_mini_image_folder_of_cats_and_dogs(submission, rng):
    """In a MiniImageFolder cat is 0 and dog is 1, and items are (tensor, number) by ToTensor."""
    cats, dogs = [drawn(rng) for _ in range(2)], [drawn(rng) for _ in range(3)]
    files = {f"root/dog/{k}.png": png(picture) for k, picture in enumerate(dogs)}
    files |= {f"root/cat/{k}.png": png(picture) for k, picture in enumerate(cats)}
    expected = {
        "classes": ["cat", "dog"],
        "class_to_idx": {"cat": 0, "dog": 1},
        "targets": [0, 0, 1, 1, 1],
        "length": 5,
        "items": [[as_tensor(p), 0] for p in cats] + [[as_tensor(p), 1] for p in dogs],
    }
    assert_equal(submission.run(folder_as_tensors, files), expected)


@check(
    points=1,
    zh="load_cifar10 给出训练集和测试集：类名、标签和长度都对。",
    hint="torchvision.datasets.CIFAR10 reads the files: hand root and train on to it.",
    hint_zh="读文件的是 torchvision.datasets.CIFAR10：把 root 和 train 交给它。",
)
def test_load_cifar10_finds_both_parts(submission, rng):
    """load_cifar10 gives the training and the test part: classes, targets and lengths."""
    batches = drawn_cifar10(rng)
    labels = [label for k in range(1, 6) for label in batches[f"data_batch_{k}"][1]]
    expected = {
        "type": ["CIFAR10", "CIFAR10"],
        "length": [10, 3],
        "classes": [NAMES, NAMES],
        "targets": [labels, batches["test_batch"][1]],
    }
    assert_equal(submission.run(cifar10, batches, NAMES), expected)


@check(
    points=1,
    zh="给了 ToTensor，load_cifar10 的各项就是张量 (3, 32, 32)，不再是 PIL 图像。",
    hint="CIFAR10 applies the transform by itself, if it is told of it.",
    hint_zh="只要告诉 CIFAR10 用哪个 transform，它自己就会用。",
)
def test_items_of_cifar10_are_tensors(submission, rng):
    """With ToTensor the items of load_cifar10 are tensors (3, 32, 32), not pictures of PIL."""
    batches = drawn_cifar10(rng)
    (pixels, labels), (test_pixels, test_labels) = batches["data_batch_1"], batches["test_batch"]
    expected = [[pixels[0] / 255, labels[0]], [pixels[1] / 255, labels[1]]]
    expected += [[test_pixels[0] / 255, test_labels[0]]]
    assert_equal(submission.run(cifar10_as_tensors, batches, NAMES), expected)


@check(
    points=2,
    zh="class_counts 根据 classes 和 targets 数出每一类有几项（可以是 0），不读取任何一项。",
    hint="Go through classes, and count the number of each in targets.",
    hint_zh="逐个看 classes，再数它的编号在 targets 里出现几次。",
)
def test_class_counts_of_each_class(submission, rng):
    """class_counts counts each class by classes and targets, also with 0, and reads no item."""
    found = submission.run(counts, ["ant", "bee", "fly"], [2, 0, 2, 2, 0])
    assert_equal(found, {"ant": 2, "bee": 0, "fly": 3})
    names = ["frog", "cat", "ship", "ant"]
    targets = rng.randint(0, 3, (40,)).tolist()
    expected = {name: targets.count(k) for k, name in enumerate(names)}
    assert_equal(submission.run(counts, names, targets), expected)


@check(
    points=2,
    zh="split 的第一部分有 round(fraction * n) 项，两部分合起来每一项恰好一次。",
    hint="0.58 * 50 is 28.999999999999996 in Python: int cuts, round rounds.",
    hint_zh="Python 里 0.58 * 50 等于 28.999999999999996：int 会截断，round 才是四舍五入。",
)
def test_split_gives_every_item_to_one_part(submission, rng):
    """split gives round(fraction * n) items to the first part, and each item to one part."""
    for length, fraction, size in ((50, 0.58, 29), (10, 0.8, 8)):
        first, second = submission.run(parts, length, fraction, rng.seed())
        assert_equal([len(first), len(second)], [size, length - size])
        assert_equal(sorted(first + second), list(range(length)))


@check(
    points=1,
    zh="dataset_for 对五种任务各返回 torchvision.datasets 里的一个类。",
    hint="Return the class itself, not its name and not a data set: datasets.MNIST.",
    hint_zh="返回的是类本身，不是类名，也不是数据集对象：datasets.MNIST。",
)
def test_dataset_for_each_task(submission):
    """dataset_for returns a class of torchvision.datasets for each of the five tasks."""
    kinds = {
        "handwriting": "MNIST",
        "objects": "CIFAR10",
        "detection": "CocoDetection",
        "pre-training": "ImageNet",
        "own pictures": "ImageFolder",
    }
    found = submission.run(names_of_classes, list(kinds))
    assert_equal(found, [[name, True] for name in kinds.values()])


@check(
    points=1,
    zh="can_download：CIFAR10 和 MNIST 能自己下载，ImageNet 和 ImageFolder 不能。",
    hint="inspect.signature tells the parameters of a class.",
    hint_zh="用 inspect.signature 查看类的参数。",
)
def test_can_download_some(submission):
    """can_download: CIFAR10 and MNIST fetch their files, ImageNet and ImageFolder do not."""
    found = submission.run(downloads, ["CIFAR10", "ImageNet", "MNIST", "ImageFolder"])
    assert_equal(found, [True, False, True, False])


@check(
    points=1,
    zh="8 张 3x8x8 的图像，每行 4 张，拼成 (3, 22, 42)。",
    hint="nrow is how many pictures stand in a row; torchvision.utils has what you need.",
    hint_zh="nrow 是每行放几张；torchvision.utils 里有现成的函数。",
)
def test_contact_sheet_of_eight_pictures(submission, rng):
    """Eight pictures 3x8x8, four in a row, make a sheet (3, 22, 42)."""
    images = rng.rand(8, 3, 8, 8)
    sheet = submission.contact_sheet(images, 4)
    assert_equal(list(sheet.shape), [3, 22, 42])
    assert_tensor(sheet, make_grid(images, 4))
