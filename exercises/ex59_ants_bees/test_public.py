"""Public checks of ex59_ants_bees: one run of each part of the project."""

import contextlib
import io
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    read_picture,
)


@probe
def write(files):
    """Write the files {path: bytes} into the working folder."""
    for path, data in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)


@probe
def pictures_made(student, n_train, n_val, seed):
    """Return the bytes of all files that make_ants_bees writes, by their paths."""
    student.make_ants_bees("drawn/here", n_train, n_val, seed)
    root = Path("drawn/here")
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@probe
def transformed(student, files):
    """Return what make_transform(train=False) makes of each of the pictures."""
    transform = student.make_transform(train=False)
    found = [transform(Image.open(io.BytesIO(data))) for data in files]
    return [x.as_subclass(torch.Tensor) for x in found]  # not v2's own kind


@probe
def passes(student, files, batch_size, seed):
    """Return the classes, and the batches of two passes through each loader."""
    write(files)
    loaders = student.load_pictures("root", batch_size, seed)
    classes = [list(loaders[name].dataset.classes) for name in ("train", "val")]
    return classes, {name: [list(loader), list(loader)] for name, loader in loaders.items()}


@probe
def network_and_scores(student, n_classes, x):
    """Return the layers of a network, the shapes of its state, and the shape of its scores."""
    model = student.build_network(n_classes)
    shapes = {name: list(value.shape) for name, value in model.state_dict().items()}
    return [type(layer).__name__ for layer in model], shapes, model(x).shape


@probe
def trained(student, files, options):
    """Return what train_classifier returns, and what is in its file."""
    write(files)
    told = student.train_classifier("root", "best.pt", **options)
    checkpoint = torch.load("best.pt", map_location="cpu")
    shapes = {name: list(value.shape) for name, value in checkpoint["weights"].items()}
    return told, sorted(checkpoint), checkpoint["classes"], shapes


@probe
def saved_and_loaded(student, classes, seed, device):
    """Save a network that has seen pictures; return it, what was loaded, and the file's entries."""
    torch.manual_seed(seed)
    model = student.build_network(len(classes)).to(device)
    model(torch.randn(8, 3, 32, 32).to(device))
    student.save_classifier(model, classes, "kept.pt")
    found, names = student.load_classifier(Path("kept.pt"), device)
    states = [dict(each.state_dict()) for each in (model, found)]
    return states, names, found.training, sorted(torch.load("kept.pt", map_location="cpu"))


@probe
def predictions(student, files, weight, bias, classes, device):
    """Return what predict_image says of each picture, with a linear layer as the model."""
    write(files)
    model = nn.Sequential(nn.Flatten(), nn.Linear(weight.shape[1], len(bias))).to(device)
    model.load_state_dict({"1.weight": weight, "1.bias": bias})
    return [list(student.predict_image(model.eval(), path, classes)) for path in files]


@probe
def command_line(student, files, classes, seed):
    """Return what main writes and returns, and what predict_image says of the same pictures."""
    torch.manual_seed(seed)
    write(files)
    student.save_classifier(student.build_network(len(classes)), classes, "some.pt")
    model, names = student.load_classifier("some.pt")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = student.main(["some.pt", *files])
    answers = [(path, *student.predict_image(model, path, names)) for path in files]
    return out.getvalue(), status, [f"{path}: {name} {100 * p:.1f} %" for path, name, p in answers]


def png(picture):
    """Return a picture of PIL as the bytes of a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def blobs(rng, width=64, height=64, mode="RGB"):
    """Return a picture of coarse random spots, of this size and mode, as bytes."""
    spots = Image.fromarray(rng.randint(0, 256, (5, 7, 4)).to(torch.uint8).numpy())
    return png(spots.resize((width, height), Image.Resampling.BICUBIC).convert(mode))


def as_input(data):
    """Return the tensor (3, 32, 32) that the task makes of a picture's bytes."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    small = read_picture(png(picture.resize((32, 32), Image.Resampling.BILINEAR)))
    return small.permute(2, 0, 1).float() / 255 * 2 - 1


def folder(rng, classes, n_train, n_val):
    """Return the files of a folder root/ with so many pictures of each class."""
    return {
        f"root/{part}/{name}/{k}.png": blobs(rng)
        for part, n in (("train", n_train), ("val", n_val))
        for name in classes
        for k in range(n)
    }


def shapes_for(n_classes):
    """Return the names and shapes in the state of the network."""
    found = {"9.weight": [n_classes, 16], "9.bias": [n_classes]}
    for place, before, after in ((0, 3, 8), (4, 8, 16)):
        found |= {f"{place}.weight": [after, before, 3, 3], f"{place}.bias": [after]}
        for name in ("weight", "bias", "running_mean", "running_var"):
            found[f"{place + 1}.{name}"] = [after]
        found[f"{place + 1}.num_batches_tracked"] = []
    return found


@check(
    points=2,
    zh="make_ants_bees 写出规定的文件夹和文件，图像的尺寸和模式按编号轮换。",
    hint="Four folders, train and val with two each; k % 4 says in which form picture k is stored.",
    hint_zh="共四个文件夹：train 和 val 下各有两个；k % 4 决定第 k 张图像以什么形式保存。",
)
def test_pictures_lie_in_their_folders(submission, rng):
    """make_ants_bees writes the folders and files of the task, in their sizes and modes."""
    found = submission.on("cpu").run(pictures_made, 6, 3, rng.seed())
    shapes = [[64, 64, 3], [64, 64, 4], [64, 64], [48, 64, 3]]
    expected = {
        f"{part}/{name}/{k}.png": shapes[k % 4]
        for part, n in (("train", 6), ("val", 3))
        for name in ("ants", "bees")
        for k in range(n)
    }
    assert_equal(sorted(found), sorted(expected))
    assert_equal({path: list(read_picture(found[path]).shape) for path in expected}, expected)


@check(
    points=1,
    zh="make_transform(train=False) 把图像变成 RGB、32x32、-1 到 1 之间的 float32 张量。",
    hint="convert('RGB') first, Resize((32, 32)) with two numbers, 0 to 1, then mean and std 0.5.",
    hint_zh="先 convert('RGB')，再 Resize((32, 32))，变到 0 到 1，最后均值和标准差取 0.5。",
)
def test_transform_makes_tensors_of_one_size(submission, rng):
    """make_transform(train=False) makes float32 tensors (3, 32, 32) from -1 to 1 of pictures."""
    files = [blobs(rng), blobs(rng, 70, 40), blobs(rng, 64, 48, "RGBA"), blobs(rng, 64, 64, "L")]
    for actual, data in zip(submission.on("cpu").run(transformed, files), files, strict=True):
        expected = as_input(data)
        unscaled = Mistake(
            expected / 2 + 0.5,
            en="The numbers lie between 0 and 1: Normalize is missing.",
            zh="数值在 0 到 1 之间：缺了 Normalize。",
        )
        assert_tensor(actual, expected, rtol=0, atol=0.02, mistakes=[unscaled])


@check(
    points=2,
    zh="每一遍，train 都重新打乱并给出每张图像一次；val 按原顺序，不含随机。",
    hint="Two ImageFolders, two transforms; shuffle=True belongs to one of the two loaders.",
    hint_zh="两个 ImageFolder，两个不同的变换；两个加载器中只有一个要 shuffle=True。",
)
def test_loaders_give_the_pictures(submission, rng):
    """At each pass train gives every picture once, shuffled anew; val is in order and fixed."""
    classes = ["ants", "bees", "flies"]
    files = folder(rng, classes, 9, 5)
    told, loaders = submission.on("cpu").run(passes, files, 4, rng.seed())
    assert_equal(told, [classes, classes])
    assert_equal(sorted(loaders), ["train", "val"])
    orders = []
    for batches in loaders["train"]:
        assert_equal([list(x.shape) for x, _ in batches], [[4, 3, 32, 32]] * 6 + [[3, 3, 32, 32]])
        orders.append(torch.cat([y for _, y in batches]).tolist())
        assert_equal(sorted(orders[-1]), [0] * 9 + [1] * 9 + [2] * 9)
    assert orders[0] != orders[1], "both passes have the same order"
    expected = torch.stack([as_input(files[path]) for path in files if "/val/" in path])
    for batches in loaders["val"]:
        x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
        assert_equal(y.tolist(), [0] * 5 + [1] * 5 + [2] * 5)
        assert_tensor(x, expected, rtol=0, atol=0.02)


@check(
    points=1,
    zh="build_network 恰有规定的十层，每一类给出一个分数。",
    hint="An nn.Sequential of the ten layers in their order; the last one has 16 inputs.",
    hint_zh="把十层按顺序放进 nn.Sequential；最后一层有 16 个输入。",
)
def test_network_has_the_ten_layers(submission, rng):
    """build_network has the ten layers of the task, and one score for each class."""
    for n_classes, count in ((2, 7), (5, 1)):
        x = rng.randn(count, 3, 32, 32)
        layers, shapes, scores = submission.on("cpu").run(network_and_scores, n_classes, x)
        block = ["Conv2d", "BatchNorm2d", "ReLU"]
        names = [*block, "MaxPool2d", *block, "AdaptiveMaxPool2d", "Flatten", "Linear"]
        assert_equal(layers, names)
        assert_equal(shapes, shapes_for(n_classes))
        assert_equal(scores, torch.Size([count, n_classes]))


@check(
    points=2,
    zh="train_classifier 返回类别名和每个 epoch 的正确率，文件里有类别名和权重。",
    hint="save_classifier writes a dict of two entries; both come from what was trained.",
    hint_zh="save_classifier 写的是有两项的字典；两项都来自训练所用的东西。",
)
def test_training_leaves_a_file(submission, rng, device):
    """train_classifier returns classes and accuracies; its file has the classes and weights."""
    options = {"epochs": 2, "device": device, "seed": rng.seed()}
    found = submission.run(trained, folder(rng, ["ants", "bees"], 6, 3), options)
    told, entries, classes, shapes = found
    assert_equal(sorted(told), ["classes", "val_accuracy"])
    assert_equal([type(share) for share in told["val_accuracy"]], [float, float])
    assert_equal([list(told["classes"]), classes], [["ants", "bees"]] * 2)
    assert_equal(entries, ["classes", "weights"])
    assert_equal(shapes, shapes_for(2))


@check(
    points=1,
    zh="save_classifier 存下的网络，load_classifier 能原样读出，包括类别名，并处于评估模式。",
    hint="The file tells how many classes there are, so how large the network has to be.",
    hint_zh="文件里有几个类别名，网络就要有几个输出。",
)
def test_what_was_saved_is_loaded(submission, rng, device):
    """load_classifier gives back what save_classifier has written, ready for use."""
    classes = ["bees", "ants", "flies"]
    found = submission.run(saved_and_loaded, classes, rng.seed(), device)
    (saved, loaded), names, training, entries = found
    assert_equal(entries, ["classes", "weights"])
    assert_equal([names, training], [classes, False])
    assert_equal(sorted(loaded), sorted(saved))
    for name, value in saved.items():
        assert_tensor(loaded[name], value, rtol=0, atol=0)


@check(
    points=2,
    zh="predict_image 给出最大的概率和它对应的类别名。",
    hint="transform, [None] for the batch of one, softmax over the scores; the largest has a name.",
    hint_zh="先变换，用 [None] 变成只有一张的批次，再对分数取 softmax；最大的那个对应一个名字。",
)
def test_prediction_is_the_likeliest_class(submission, rng, device):
    """predict_image gives the largest probability and the name of its class."""
    classes = ["wasps", "ants", "bees"]
    weight, bias = 0.05 * rng.randn(3, 3072), rng.randn(3)
    files = {f"{k}.png": blobs(rng) for k in range(6)}
    scores = torch.stack([weight @ as_input(data).flatten() + bias for data in files.values()])
    found = submission.run(predictions, files, weight, bias, classes, device)
    for (name, probability), expected in zip(found, scores.softmax(1), strict=True):
        assert name in classes
        assert_equal(type(probability), float)
        assert_close(probability, expected.max().item(), rtol=0, atol=0.03)
        assert_close(expected[classes.index(name)].item(), expected.max().item(), rtol=0, atol=0.06)


@check(
    points=1,
    zh="main 为每张图像写一行：路径、类别名和百分数，并返回 0。",
    hint="One print for each picture, with an f-string; :.1f gives one decimal.",
    hint_zh="每张图像 print 一次，用 f 字符串；:.1f 保留一位小数。",
)
def test_main_says_what_it_sees(submission, rng):
    """Main writes one line for each picture, with its name and percentage, and returns 0."""
    files = {f"garden/{k}.png": blobs(rng) for k in range(3)}
    found = submission.on("cpu").run(command_line, files, ["ants", "bees"], rng.seed())
    written, status, lines = found
    assert_equal(written.splitlines(), lines)
    assert_equal(status, 0)
