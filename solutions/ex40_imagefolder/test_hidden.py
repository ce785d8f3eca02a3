"""Hidden checks of ex40_imagefolder: folders within folders, true batches, and what seeds do."""

import io
import pickle
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torchvision import datasets
from torchvision.utils import make_grid

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
    read_picture,
)


@probe
def write(student, files):
    """Write the files {path: bytes} into the working folder."""
    for path, data in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)


@probe
def folders_of_seeds(student, classes, n, size, seeds):
    """Return the pictures of make_image_folder for each pair of seeds: its own, and torch's."""
    found = []
    for place, (seed, common) in enumerate(seeds):
        torch.manual_seed(common)
        student.make_image_folder(Path(f"seeds{place}"), classes, n, size, seed)
        paths = [Path(f"seeds{place}", name, f"{k}.png") for name in classes for k in range(n)]
        found.append([[path.read_bytes() for path in paths], torch.rand(3)])
    for _ in range(2):  # folders may be there already
        student.make_image_folder("empty", ["a", "b"], 0, size, 1)
    return found, sorted(path.name for path in Path("empty").iterdir())


@probe
def folder(student, files, empty, settings):
    """Return what a MiniImageFolder over root/ holds, with paths within root and PIL's pixels."""
    write(student, files)
    for name in empty:
        Path("root", name).mkdir(parents=True, exist_ok=True)
    dataset = student.MiniImageFolder(Path("root"), **settings)
    items = [dataset[i] for i in range(len(dataset))]
    return {
        "classes": list(dataset.classes),
        "class_to_idx": dict(dataset.class_to_idx),
        "samples": [
            [Path(path).resolve().relative_to(Path("root").resolve()).as_posix(), number]
            for path, number in dataset.samples
        ],
        "paths are str": all(isinstance(path, str) for path, _ in dataset.samples),
        "targets": list(dataset.targets),
        "items": [[p.mode, torch.from_numpy(np.array(p)), number] for p, number in items],
    }


@probe
def make_folder(student, files, empty):
    """Make a MiniImageFolder over root/ and drop it."""
    write(student, files)
    for name in empty:
        Path("root", name).mkdir(parents=True, exist_ok=True)
    student.MiniImageFolder("root")


@probe
def transformed_folder(student, files):
    """Return the items of a MiniImageFolder whose pictures change after it was made."""
    write(student, dict.fromkeys(files, b"later"))
    dataset = student.MiniImageFolder("root", lambda picture: [picture.mode, *picture.size])
    write(student, files)
    return [list(dataset[i]) for i in range(len(dataset))]


@probe
def write_cifar10(student, batches, names):
    """Write data/ as CIFAR10 does, with few pictures."""
    folder = Path("data", "cifar-10-batches-py")
    folder.mkdir(parents=True, exist_ok=True)
    for name, (pixels, labels) in batches.items():
        content = {"data": pixels.reshape(-1, 3072).numpy(), "labels": labels}
        (folder / name).write_bytes(pickle.dumps(content, 2))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": names}, 2))


@probe
def allow_small_batches(student):
    """Let torchvision take CIFAR10 files of any checksum."""
    datasets.CIFAR10.train_list = [[f"data_batch_{k}", None] for k in range(1, 6)]
    datasets.CIFAR10.test_list = [["test_batch", None]]
    datasets.CIFAR10.meta = datasets.CIFAR10.meta | {"md5": None}


@probe
def cifar10_pictures(student, batches, names):
    """Return the items of both parts of CIFAR10, without a transform and with one of its own."""
    allow_small_batches(student)
    write_cifar10(student, batches, names)
    found = []
    for train in (True, False):
        plain = student.load_cifar10("data", train=train)
        items = [plain[i] for i in range(len(plain))]
        found.append([[p.mode, torch.from_numpy(np.array(p)), number] for p, number in items])
        sized = student.load_cifar10("data", train=train, transform=lambda picture: picture.size)
        found.append([list(sized[i]) for i in range(len(sized))])
    return found


@probe
def load_missing_cifar10(student, train):
    """Load CIFAR10 from a folder that holds nothing of it."""
    Path("nothing").mkdir(exist_ok=True)
    student.load_cifar10("nothing", train=train)


@probe
def downloaded_cifar10(student, batches, names):
    """Load CIFAR10 with download=True, where a download that writes data/ stands in."""
    allow_small_batches(student)
    datasets.CIFAR10.download = lambda dataset: write_cifar10(student, batches, names)
    dataset = student.load_cifar10("data", train=False, download=True)
    return list(dataset.targets)


@probe
def parts_of_seeds(student, length, fraction, seeds):
    """Return both parts for each pair of seeds, and what torch's generator gives afterwards."""
    found = []
    for seed, common in seeds:
        torch.manual_seed(common)
        parts = student.split(range(length), fraction, seed)
        after = torch.rand(3)
        found.append([[[part[i] for i in range(len(part))] for part in parts], after])
    return found


@probe
def sizes_of_parts(student, settings):
    """Return the lengths of both parts for each (length, fraction), without an item being read."""

    class Unread:
        def __init__(self, length):
            self.length = length

        def __len__(self):
            return self.length

    parts = [student.split(Unread(length), fraction, 5) for length, fraction in settings]
    return [[len(first), len(second)] for first, second in parts]


@probe
def refused(student, name, args):
    """Call a function that is to raise."""
    getattr(student, name)(*args)


@probe
def downloads(student, names):
    """Return can_download for classes of torchvision, and for two of our own."""

    class Own:
        def __init__(self, root, *, download=False):
            self.root = root

    class Derived(Own):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)

        def fetch(self):
            """Without a parameter of this name."""

    class Other:
        def __init__(self, root):
            self.root = root

        def download(self):
            """Only a method."""

    kinds = [getattr(datasets, name) for name in names]
    return [student.can_download(kind) for kind in (*kinds, Own, Derived, Other)]


@probe
def sheets(student, settings):
    """Return contact_sheet for each (images, options)."""
    return [student.contact_sheet(images, **options) for images, options in settings]


@probe
def written_sheet(student, images, nrow, path):
    """Return the sheet, and the bytes of the file to which it was written."""
    sheet = student.contact_sheet(images, nrow, Path(path))
    return sheet, Path(path).read_bytes()


def drawn(rng, height=3, width=5):
    """Return the pixels of a random picture in colour."""
    return rng.randint(0, 256, (height, width, 3)).to(torch.uint8)


def png(picture):
    """Return the bytes of a PNG with these pixels, in colour or in grey."""
    file = io.BytesIO()
    Image.fromarray(picture.numpy()).save(file, "PNG")
    return file.getvalue()


def drawn_cifar10(rng):
    """Return five batches of pictures and a test batch, with labels."""
    sizes = {f"data_batch_{k}": k % 3 + 1 for k in range(1, 6)} | {"test_batch": 4}
    return {
        name: [
            rng.randint(0, 256, (size, 3, 32, 32)).to(torch.uint8),
            rng.randint(0, 10, (size,)).tolist(),
        ]
        for name, size in sizes.items()
    }


def expected_items(batches, names):
    """Return the items of these batches as pictures, and as what their size is."""
    pairs = [pair for name in names for pair in zip(*batches[name], strict=True)]
    pictures = [["RGB", pixels.permute(1, 2, 0).contiguous(), label] for pixels, label in pairs]
    return [pictures, [[(32, 32), label] for _, label in pairs]]


@check(
    points=2,
    zh="make_image_folder 的图像由种子决定，彼此不同；PyTorch 的全局随机数生成器不受影响。",
    hint="Make one torch.Generator from the seed, before the loops, and draw all pixels from it.",
    hint_zh="在循环之前，用种子建一个 torch.Generator，所有像素都由它产生。",
)
def test_a_seed_decides_about_the_pictures(submission, rng):
    """A seed alone decides about the pictures; all differ, and torch's own generator is let be."""
    own, common = rng.seed(), rng.seed()
    seeds = [(own, common), (own, common + 1), (own + 1, common)]
    (first, again, other), folders = submission.run(
        folders_of_seeds, ["ants", "bees"], 3, (5, 4), seeds
    )
    pictures = [[read_picture(data) for data in files] for files, _ in (first, again, other)]
    assert_equal(pictures[1], pictures[0])
    everything = {tuple(picture.flatten().tolist()) for picture in pictures[0] + pictures[2]}
    assert_equal(len(everything), 12)
    for (_, after), seed in zip((first, again, other), (common, common + 1, common), strict=True):
        assert_tensor(after, torch.rand(3, generator=torch.Generator().manual_seed(seed)))
    assert_equal(folders, ["a", "b"])


@check(
    points=2,
    zh="MiniImageFolder 按字符串顺序给类编号，找到更深文件夹里的图像，不理会其他文件。",
    hint="rglob goes through all folders below; what lies beside the classes' folders is no class.",
    hint_zh="rglob 会走遍下面所有的文件夹；与各类文件夹并列的文件不是类。",
)
def test_mini_image_folder_finds_all_pictures(submission, rng):
    """MiniImageFolder numbers classes in the order of strings, and finds pictures at any depth."""
    inside = {
        "Wasp/0.png": 0,
        "ant/10.png": 1,
        "ant/9.PNG": 1,
        "bee/deep/very deep/a.png": 2,
        "bee/deeper/0.Png": 2,
        "bee10/1.JPG": 3,
        "bee10/x/1.png": 3,
        "fly 2/0.jpeg": 4,
    }
    pictures = {path: drawn(rng) for path in inside}
    files = {f"root/{path}": png(pictures[path]) for path in reversed(inside)}
    files |= {"root/0.png": png(drawn(rng)), "root/ant/about.txt": b"Ants.", "root/bee/png": b""}
    expected = {
        "classes": ["Wasp", "ant", "bee", "bee10", "fly 2"],
        "class_to_idx": {"Wasp": 0, "ant": 1, "bee": 2, "bee10": 3, "fly 2": 4},
        "samples": [[path, number] for path, number in inside.items()],
        "paths are str": True,
        "targets": list(inside.values()),
        "items": [["RGB", pictures[path], number] for path, number in inside.items()],
    }
    assert_equal(submission.run(folder, files, [], {}), expected)


@check(
    points=1,
    zh="MiniImageFolder 取到某一项时才打开图像，转成 RGB，再交给 transform。",
    hint="Open and convert in __getitem__, then apply the transform; __init__ keeps paths.",
    hint_zh="在 __getitem__ 里打开并转换，再用 transform；__init__ 只记路径。",
)
def test_mini_image_folder_transforms_what_it_reads(submission, rng):
    """MiniImageFolder opens a picture when it is asked for, in RGB, and transforms it."""
    grey = rng.randint(0, 256, (2, 7)).to(torch.uint8)
    files = {"root/a/0.png": png(grey), "root/b/0.png": png(drawn(rng, 3, 4))}
    expected = [[["RGB", 7, 2], 0], [["RGB", 4, 3], 1]]
    assert_equal(submission.run(transformed_folder, files), expected)


@check(
    points=1,
    zh="没有类、或某一类没有图像时抛出 FileNotFoundError；allow_empty 为真时空类照样编号。",
    hint="Look at each class by itself; the others may well have pictures.",
    hint_zh="要逐类检查：别的类可能有图像。",
)
def test_classes_without_pictures(submission, rng):
    """A class without pictures is a FileNotFoundError, unless it is allowed; so is no class."""
    with raises(FileNotFoundError):
        submission.run(make_folder, {"root/0.png": png(drawn(rng))}, [])
    picture = drawn(rng)
    files = {"root/c/0.png": png(picture), "root/b/about.txt": b"Nothing yet."}
    with raises(FileNotFoundError):
        submission.run(make_folder, files, [])
    expected = {
        "classes": ["a", "b", "c"],
        "class_to_idx": {"a": 0, "b": 1, "c": 2},
        "samples": [["c/0.png", 2]],
        "paths are str": True,
        "targets": [2],
        "items": [["RGB", picture, 2]],
    }
    assert_equal(submission.run(folder, files, ["a"], {"allow_empty": True}), expected)


@check(
    points=2,
    zh="load_cifar10 的每一项都对：没有 transform 时是 PIL 图像，有的话就用它。",
    hint="train chooses the files, transform is applied to the picture only.",
    hint_zh="train 决定读哪些文件，transform 只作用于图像。",
)
def test_load_cifar10_gives_all_items(submission, rng):
    """load_cifar10 gives every item of the right part, as PIL's picture or transformed."""
    batches = drawn_cifar10(rng)
    names = [f"class {k}" for k in range(10)]
    training = expected_items(batches, [f"data_batch_{k}" for k in range(1, 6)])
    expected = training + expected_items(batches, ["test_batch"])
    assert_equal(submission.run(cifar10_pictures, batches, names), expected)


@check(
    points=1,
    zh="load_cifar10 只在 download 为真时下载；否则文件不在就是 RuntimeError。",
    hint="Hand download on as it is. True for all cases would ask the network each time.",
    hint_zh="把 download 原样传下去；一律写 True，就会去访问网络。",
)
def test_cifar10_is_fetched_only_on_demand(submission, rng):
    """load_cifar10 fetches the files only with download; missing files are a RuntimeError."""
    for train in (True, False):
        with raises(RuntimeError):
            submission.run(load_missing_cifar10, train)
    batches = drawn_cifar10(rng)
    found = submission.run(downloaded_cifar10, batches, [f"class {k}" for k in range(10)])
    assert_equal(found, batches["test_batch"][1])


@check(
    points=2,
    zh="split 的两部分由种子随机决定；PyTorch 的全局随机数生成器不受影响。",
    hint="random_split takes a generator; without one it asks torch's own. A folder is sorted.",
    hint_zh="random_split 可以带 generator，不带就用全局的那个。文件夹里的数据是按类排好的。",
)
def test_a_seed_decides_about_the_parts(submission, rng):
    """A seed alone decides about the parts; they are mixed, and torch's own generator is let be."""
    own, common = rng.seed(), rng.seed()
    seeds = [(own, common), (own, common + 1), (own + 1, common)]
    first, again, other = submission.run(parts_of_seeds, 60, 0.5, seeds)
    assert_equal(again[0], first[0])
    assert_equal(
        [sorted(part) for part in other[0]] == [sorted(p) for p in first[0]], expected=False
    )
    for parts, _ in (first, other):
        for part in parts:  # 30 of 60 drawn numbers are never so close together, 1 in 10^9 apart
            assert_equal(max(part) - min(part) > 35, expected=True)
    for (_, after), seed in zip((first, again, other), (common, common + 1, common), strict=True):
        assert_tensor(after, torch.rand(3, generator=torch.Generator().manual_seed(seed)))


@check(
    points=1,
    zh="split 在各种长度和比例下大小都对，0 和 1 也行，而且不读取任何一项。",
    hint="The second part has len(dataset) minus the first; Subset keeps numbers, not items.",
    hint_zh="第二部分是总数减去第一部分；Subset 存的是下标，不是各项。",
)
def test_sizes_of_parts(submission):
    """The parts of split have the right sizes, also for 0 and 1, and no item is read."""
    settings = [(100, 0.29), (7, 0.5), (9, 0), (9, 1), (1, 0.9), (0, 0.5), (1797, 0.8), (3, 1 / 3)]
    expected = [[29, 71], [4, 3], [0, 9], [9, 0], [1, 0], [0, 0], [1438, 359], [1, 2]]
    assert_equal(submission.run(sizes_of_parts, settings), expected)


@check(
    points=1,
    zh="比例不在 0 到 1 之间时 split 抛出 ValueError；遇到未知任务，dataset_for 也是。",
    hint="Ask first and `raise ValueError(...)`; a dict raises KeyError, and .get gives None.",
    hint_zh="先检查，再 `raise ValueError(...)`；字典抛出的是 KeyError，.get 则给出 None。",
)
def test_what_makes_no_sense_is_refused(submission):
    """split raises ValueError for a fraction outside 0 to 1, dataset_for for an unknown task."""
    numbers = list(range(10))
    for name, args in (
        ("split", [numbers, 1.2, 3]),
        ("split", [numbers, -0.1, 3]),
        ("dataset_for", ["weather"]),
        ("dataset_for", ["MNIST"]),
    ):
        with raises(ValueError):
            submission.run(refused, name, args)


@check(
    points=1,
    zh="can_download 知道哪些类能自己下载，包括参数在基类里的。",
    hint="inspect.signature shows the parameters of __init__; kind.__mro__ has the base classes.",
    hint_zh="inspect.signature 能看到 __init__ 的参数；kind.__mro__ 里有各个基类。",
)
def test_can_download_knows_the_classes(submission):
    """can_download tells which classes fetch their files, also where a base class does it."""
    can = ["CIFAR10", "MNIST", "FashionMNIST", "Food101", "EMNIST", "QMNIST"]
    cannot = ["ImageNet", "CocoDetection", "ImageFolder", "FakeData"]
    expected = [True] * 6 + [False] * 4 + [True, True, False]
    assert_equal(submission.run(downloads, can + cannot), expected)


@check(
    points=2,
    zh="contact_sheet 与 make_grid 一致：列表、灰度图、不满的一行；写进文件的也一样。",
    hint="make_grid(images, nrow), and save_image of the same sheet if there is a path.",
    hint_zh="make_grid(images, nrow)；给了 path，就对同一张拼图用 save_image。",
)
def test_contact_sheets_as_make_grid_makes_them(submission, rng):
    """contact_sheet equals make_grid for lists, grey pictures, short rows, and in its file."""
    many = [rng.rand(3, 4, 6) for _ in range(7)]
    settings = [(many, {"nrow": 3}), (rng.rand(5, 1, 3, 2), {"nrow": 2}), (many, {})]
    settings += [(rng.rand(11, 3, 2, 3), {}), (rng.rand(4, 3, 5, 4).transpose(2, 3), {"nrow": 1})]
    found = submission.run(sheets, settings)
    for sheet, (images, options) in zip(found, settings, strict=True):
        assert_tensor(sheet, make_grid(images, **options))
    images = rng.rand(5, 3, 4, 7)
    sheet, data = submission.run(written_sheet, images, 3, "sheet.png")
    expected = make_grid(images, 3)
    assert_tensor(sheet, expected)
    found = read_picture(data).double()
    assert_equal(list(found.shape), [14, 29, 3])
    assert_close(
        found.permute(2, 0, 1).flatten().tolist(),
        (expected * 255).flatten().tolist(),
        rtol=0,
        atol=1.01,
    )
