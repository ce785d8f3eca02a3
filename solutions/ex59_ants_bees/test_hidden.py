"""Hidden checks of ex59_ants_bees: leaks, modes, hostile files, odd pictures, and the time."""

import contextlib
import io
import random
import runpy
import sys
import tempfile
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
    read_picture,
    train_and_eval,
)


@probe
def write(files):
    """Write the files {path: bytes} into the working folder."""
    for path, data in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)


@probe
def pictures_of_seeds(student, n_train, n_val, seeds):
    """Return the files for each pair of seeds, its own and a common one, and what is drawn then."""
    found = []
    for seed, common in seeds:
        torch.manual_seed(common)
        random.seed(common)
        root = Path(tempfile.mkdtemp())
        (root / "val" / "bees").mkdir(parents=True)  # folders may be there already
        student.make_ants_bees(root, n_train, n_val, seed)
        files = sorted(path for path in root.rglob("*") if path.is_file())
        pictures = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
        found.append([pictures, torch.rand(3), random.random()])  # noqa: S311
    return found


@probe
def transformed(student, files, train, times):
    """Return what make_transform makes of each of the pictures, several times."""
    transform = student.make_transform(train=train)
    pictures = [Image.open(io.BytesIO(data)) for data in files]
    found = [[transform(picture) for _ in range(times)] for picture in pictures]
    return [[x.as_subclass(torch.Tensor) for x in each] for each in found]  # not v2's own kind


@probe
def orders(student, files, seeds):
    """Return the labels of two passes for each seed, with other random numbers drawn between."""
    write(files)
    found = []
    for number, seed in enumerate(seeds):
        torch.manual_seed(number)
        loader = student.load_pictures("root", 8, seed)["train"]
        first = torch.cat([y for _, y in loader])
        torch.rand(number + 1)
        found.append([first, torch.cat([y for _, y in loader])])
    return found


@probe
def load_folder(student, root, files):
    """Make the loaders of a folder and drop them."""
    write(files)
    student.load_pictures(root, 8, 0)


@probe
def around_evaluate(student, x, y, training, device):
    """Return what evaluate says of a noisy network, the modes it saw, and what it left."""
    model = nn.Sequential(nn.BatchNorm1d(x.shape[1]), nn.Dropout(0.5)).to(device)
    model.train(training)
    grads, modes = [], []
    model.register_forward_hook(lambda *_: modes.append(any(m.training for m in model.modules())))
    model.register_forward_hook(lambda *_: grads.append(torch.is_grad_enabled()))
    told = student.evaluate(model, DataLoader(TensorDataset(x, y), 4))
    after = [module.training for module in model.modules()]
    return told, dict(model.state_dict()), sorted(set(modes)), sorted(set(grads)), after


@probe
def place_in(call, model):
    """Return the devices and the shape of the input that the model gets while call runs."""
    seen = []

    def note(module, inputs):
        (x,) = inputs
        seen.append([next(module.parameters()).device.type, x.device.type, x.dtype, list(x.shape)])
        raise InterruptedError  # the rest may need values, and meta has none

    handle = model.register_forward_pre_hook(note)
    with contextlib.suppress(InterruptedError):
        call()
    handle.remove()
    return seen


@probe
def places(student, picture, device):
    """Return what a model on device gets from predict_image and from evaluate."""
    Path("one.png").write_bytes(picture)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 3)).to(device)
    batches = DataLoader(TensorDataset(torch.ones(2, 3, 32, 32), torch.ones(2).long()), 2)
    asked = [
        place_in(lambda: student.predict_image(model, "one.png", ["a", "b", "c"]), model),
        place_in(lambda: student.evaluate(model, batches), model),
    ]
    return [each[0] for each in asked]


@probe
def share_right(student, n_classes, weights):
    """Return the share of the pictures in root/val that a network with these weights gets right."""
    model = student.build_network(n_classes)
    model.load_state_dict(weights)
    transform, answers = student.make_transform(train=False), []
    for number, name in enumerate(sorted(path.name for path in Path("root/val").iterdir())):
        for path in Path("root/val", name).iterdir():
            with torch.no_grad():
                scores = model.eval()(transform(Image.open(path))[None])
            answers.append(scores.argmax().item() == number)
    return sum(answers) / len(answers)


@probe
def trained(student, files, settings):
    """Train with each of the settings; return what is returned, each file, and all names."""
    write(files)
    found = []
    for number, options in enumerate(settings):
        torch.manual_seed(number)
        path = Path(f"best{number}.pt")
        path.unlink(missing_ok=True)
        before = {path.name for path in Path().iterdir()}
        told = student.train_classifier(Path("root"), path, **options)
        checkpoint = torch.load(path, map_location="cpu")
        made = {path.name for path in Path().iterdir()} - before - {"__pycache__"}
        classes, weights = checkpoint["classes"], dict(checkpoint["weights"])
        share = share_right(student, len(classes), weights)
        found.append([told, classes, weights, [share, sorted(made)]])
    return found


@probe
def trap():
    """Return an object that makes a folder `sprung` when a file with it is loaded by pickle."""

    class Trap:
        def __reduce__(self):
            return Path.mkdir, (Path("sprung"),)

    return Trap()


@probe
def refused(student, state):
    """Load files that hold no classifier; return which were accepted, and whether code ran."""
    good = {"classes": ["a", "b"], "weights": state}
    renamed = {f"module.{name}": value for name, value in state.items()}
    things = {
        "trap": good | {"extra": trap()},
        "no classes": {"weights": state},
        "no weights": {"classes": ["a", "b"]},
        "weights alone": state,
        "a list": [good],
        "a tensor": torch.ones(3),
        "three classes": good | {"classes": ["a", "b", "c"]},
        "numbers": good | {"classes": [0, 1]},
        "a word": good | {"classes": "ab"},
        "no class": good | {"classes": []},
        "other names": good | {"weights": renamed},
    }
    for name, thing in things.items():
        torch.save(thing, f"{name}.pt")
    torch.save(good, "good.pt")
    whole = Path("good.pt").read_bytes()
    for name, data in (("empty", b""), ("text", b"weights\n"), ("half", whole[: len(whole) // 2])):
        Path(f"{name}.pt").write_bytes(data)
    accepted = []
    for name in [*things, "empty", "text", "half"]:
        try:
            student.load_classifier(f"{name}.pt")
        except ValueError:
            continue
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            accepted.append(f"{name}: {type(error).__name__}")
        else:
            accepted.append(name)
    return accepted, Path("sprung").exists(), student.load_classifier("good.pt")[1]


@probe
def load_missing(student):
    """Load a file that is not there."""
    student.load_classifier("nothing/here.pt")


@probe
def save_elsewhere(thing, path):
    """Write a file as a machine with eight graphics cards would, from its last one."""
    tag = torch.serialization.location_tag
    torch.serialization.location_tag = lambda _storage: "cuda:7"
    try:
        torch.save(thing, path)
    finally:
        torch.serialization.location_tag = tag


@probe
def loaded_scores(student, classes, state, x, other):
    """Return classes, scores and mode of a network from a graphics card, and its other device."""
    save_elsewhere({"classes": classes, "weights": state}, "far.pt")
    model, names = student.load_classifier("far.pt")
    with torch.no_grad():
        scores = model(x)
    moved, _ = student.load_classifier(Path("far.pt"), other)
    where = {value.device.type for value in moved.state_dict().values()}
    return names, scores, model.training, sorted(where)


@probe
def predictions(student, files, weight, bias, classes):
    """Return what predict_image says of each picture, with a linear layer as the model."""
    write(files)
    model = nn.Sequential(nn.Flatten(), nn.Linear(weight.shape[1], len(bias)))
    model.load_state_dict({"1.weight": weight, "1.bias": bias})
    return [list(student.predict_image(model, Path(path), classes)) for path in files]


@probe
def around_prediction(student, picture, training, device):
    """Return two answers of a noisy model, what it was asked, and the modes before and after."""
    Path("one.png").write_bytes(picture)
    model = nn.Sequential(nn.Dropout(0.7), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(3072, 4))
    model.to(device).train(training)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    asked = []
    model.register_forward_hook(
        lambda _, inputs, __: asked.append(
            [list(inputs[0].shape), model[0].training, torch.is_grad_enabled()]
        )
    )
    names = ["a", "b", "c", "d"]
    answers = [list(student.predict_image(model, "one.png", names)) for _ in range(2)]
    same = all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    return answers, asked, [module.training for module in model.modules()], same


@probe
def predict_file(student, data):
    """Ask for a file with these bytes, or for one that is not there."""
    if data is not None:
        Path("one.png").write_bytes(data)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 2))
    student.predict_image(model, "one.png", ["a", "b"])


@probe
def classifier_file(student, classes, seed):
    """Write a classifier whose weights are drawn from seed; return it as it is loaded."""
    torch.manual_seed(seed)
    student.save_classifier(student.build_network(len(classes)), classes, "some.pt")
    return student.load_classifier("some.pt")


@probe
def line_of(student, model, path, names):
    """Return the line that main has to write for a picture."""
    name, probability = student.predict_image(model, path, names)
    return f"{path}: {name} {100 * probability:.1f} %"


@probe
def command_lines(student, files, seed, lines):
    """Return for each line its status, what it wrote to both streams, and the answers."""
    write(files)
    model, names = classifier_file(student, ["ants", "bees"], seed)
    found = []
    for line in lines:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = student.main(line)
        found.append([status, out.getvalue(), err.getvalue()])
    return found, [line_of(student, model, path, names) for path in ("a.png", "deep/b.png")]


@probe
def script(student, picture, seed, words):
    """Run the file as a script with these words; return its status and what it wrote."""
    Path("one.png").write_bytes(picture)
    model, names = classifier_file(student, ["ants", "bees"], seed)
    out, argv, status = io.StringIO(), sys.argv, None
    sys.argv = ["ex59_ants_bees.py", *words]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            runpy.run_path(student.__file__, run_name="__main__")
    except SystemExit as stop:
        status = stop.code
    finally:
        sys.argv = argv
    return status, out.getvalue(), line_of(student, model, "one.png", names)


@probe
def scores_after_training(student, files, device, seed):
    """Train on the files; then give the scores of pictures that come only now."""
    write(files)
    told = student.train_classifier("root", "best.pt", epochs=3, device=device, seed=seed)
    checkpoint = torch.load("best.pt", map_location="cpu")
    model = student.build_network(len(checkpoint["classes"]))
    model.load_state_dict(checkpoint["weights"])
    transform = student.make_transform(train=False)
    unseen = yield len(told["val_accuracy"])
    x = torch.stack([transform(Image.open(io.BytesIO(data))) for data in unseen])
    with torch.no_grad():
        return model.eval()(x)


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


def insect(rng, kind):
    """Return a drawing, made here and stored in one of four forms, as bytes."""
    body, stripes, wings = ((66, 30, 22), None, None) if kind == 0 else ((244, 184, 30), 34, 238)
    field = Image.new("RGBA", (64, 64))
    pencil = ImageDraw.Draw(field)
    if wings:
        pencil.ellipse((11, 11, 30, 39), fill=(wings, wings, 250))
        pencil.ellipse((34, 11, 53, 39), fill=(wings, wings, 250))
        pencil.ellipse((18, 13, 46, 60), fill=body)
        for top in (25, 42):
            pencil.ellipse((19, top, 45, top + 7), fill=(stripes, stripes, 20))
    else:
        for box in ((27, 4, 38, 17), (29, 16, 36, 29), (25, 28, 40, 57)):
            pencil.ellipse(box, fill=body)
    field = field.rotate(rng.integer(0, 360), resample=Image.Resampling.BILINEAR)
    low, high = (72, 132, 62), (148, 208, 128)
    meadow = tuple(rng.integer(a, b) for a, b in zip(low, high, strict=True))
    picture = Image.new("RGB", (64, 64), meadow)
    picture.paste(field, (rng.integer(-5, 6), rng.integer(-5, 6)), field)
    form = rng.integer(0, 4)
    if form == 3:
        return png(picture.crop((0, 8, 64, 56)))
    return png(picture.convert(("RGB", "RGBA", "L")[form]))


def folder(rng, kinds, n_train, n_val, draw=insect):
    """Return the files of a folder root/, with so many pictures in each class.

    kinds: for each class the kind in root/train and the kind in root/val.
    """
    return {
        f"root/{part}/{name}/{k}.png": draw(rng, pair[place])
        for place, (part, n) in enumerate((("train", n_train), ("val", n_val)))
        for name, pair in kinds.items()
        for k in range(n)
    }


def network(n_classes, state=None):
    """Return the network of the task, with this state."""
    model = nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU()),
        *(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(16, n_classes)),
    )
    if state is not None:
        assert_equal(sorted(state), sorted(model.state_dict()))
        for name, value in model.state_dict().items():
            assert_equal(tuple(state[name].shape), tuple(value.shape))
        model.load_state_dict(state)
    return model


def random_state(rng, n_classes):
    """Return random numbers for all parameters and averages of the network."""
    state = {}
    for name, value in network(n_classes).state_dict().items():
        if name.endswith("running_var"):
            state[name] = 0.5 + rng.rand(*value.shape)
        elif value.is_floating_point():
            state[name] = 0.5 * rng.randn(*value.shape)
        else:
            state[name] = value
    return state


def learned(x, y, unseen):
    """Return the answers of a network that was trained here."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = network(2)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(5):
            for places in torch.randperm(len(y)).split(8):
                functional.cross_entropy(model(x[places]), y[places]).backward()
                optimizer.step()
                optimizer.zero_grad()
    with torch.no_grad():
        return model.eval()(unseen).argmax(1)


@check(
    points=2,
    zh="图像由种子决定，train 与 val 里没有两张相同；全局随机数发生器不受影响。",
    hint="One generator, made from the seed before all loops. A new one would draw the same again.",
    hint_zh="在所有循环之前，用种子建一个发生器；若中途重新建，就会画出同样的图像。",
)
def test_seed_decides_about_the_pictures(submission, rng):
    """A seed alone decides about the pictures, and no two are alike, in train or in val."""
    own, common = rng.seed(), rng.seed()
    seeds = [(own, common), (own, common + 1), (own + 1, common)]
    found = submission.on("cpu").run(pictures_of_seeds, 5, 9, seeds)
    pixels = [
        {name: read_picture(data) for name, data in pictures.items()} for pictures, _, _ in found
    ]
    assert_equal([len(each) for each in pixels], [28] * 3)
    assert_equal(pixels[1], pixels[0])
    everything = {
        (picture.shape, *picture.flatten().tolist())
        for each in (pixels[0], pixels[2])
        for picture in each.values()
    }
    assert_equal(len(everything), 56)
    for (_, drawn, number), (_, seed) in zip(found, seeds, strict=True):
        assert_tensor(drawn, torch.rand(3, generator=torch.Generator().manual_seed(seed)))
        assert_close(number, random.Random(seed).random(), rtol=0, atol=0)  # noqa: S311


@check(
    points=1,
    zh="画出的蚂蚁和蜜蜂能够区分：用 train 训练的网络，能认对 val 中至少 75% 的图像。",
    hint="Look at some of your files: do the ants lie in the folder ants, and the bees in bees?",
    hint_zh="打开几个文件看看：ants 文件夹里是蚂蚁吗？bees 文件夹里是蜜蜂吗？",
)
def test_ants_and_bees_can_be_told_apart(submission, rng):
    """A network that learns from the drawings in train gets 75 % of those in val right."""
    ((files, _, _),) = submission.on("cpu").run(pictures_of_seeds, 32, 40, [(rng.seed(), 0)])
    x, y = {}, {}
    for part in ("train", "val"):
        names = [name for name in sorted(files) if name.startswith(part)]
        x[part] = torch.stack([as_input(files[name]) for name in names])
        y[part] = torch.tensor([int("/bees/" in name) for name in names])
    share = (learned(x["train"], y["train"], x["val"]) == y["val"]).double().mean().item()
    assert share >= 0.75, f"{share:.2f} of the drawings in val"


@check(
    points=2,
    zh="make_transform(train=True) 以各二分之一的概率独立地左右、上下翻转；不带 train 时没有随机。",
    hint="RandomHorizontalFlip and RandomVerticalFlip, each on its own, and in training alone.",
    hint_zh="RandomHorizontalFlip 和 RandomVerticalFlip 各自独立，而且只用于训练。",
)
def test_training_pictures_are_flipped(submission, rng):
    """Training pictures are flipped at random in both directions, validation pictures never."""
    data = blobs(rng, 60, 40, "RGBA")
    plain = as_input(data)
    versions = [plain, plain.flip(2), plain.flip(1), plain.flip((1, 2))]
    seen = [0] * 4
    (pictures,) = submission.on("cpu").run(transformed, [data], train=True, times=120)
    for picture in pictures:
        distances = [(picture - version).abs().max().item() for version in versions]
        nearest = distances.index(min(distances))
        assert_tensor(picture, versions[nearest], rtol=0, atol=0.02)
        seen[nearest] += 1
    assert min(seen) >= 8, f"of 120 pictures: {seen}"
    (pictures,) = submission.on("cpu").run(transformed, [data], train=False, times=6)
    for picture in pictures:
        assert_tensor(picture, plain, rtol=0, atol=0.02)


@check(
    points=1,
    zh="各种模式和尺寸的图像都变成正确的 (3, 32, 32)，包括调色板、1 位和带透明的灰度图。",
    hint="convert('RGB') knows all modes; Resize((32, 32)) makes a square of any ratio.",
    hint_zh="convert('RGB') 认识所有模式；Resize((32, 32)) 把任何比例都变成正方形。",
)
def test_transform_takes_every_picture(submission, rng):
    """Pictures of every mode and size become the right tensors (3, 32, 32)."""
    modes = ["RGB", "RGBA", "L", "LA", "P", "1"]
    sizes = [(64, 48), (21, 90), (130, 33), (64, 64), (32, 32), (17, 11)]
    files = [blobs(rng, *size, mode) for mode, size in zip(modes, sizes, strict=True)]
    found = submission.on("cpu").run(transformed, files, train=False, times=1)
    for (actual,), data in zip(found, files, strict=True):
        assert_tensor(actual, as_input(data), rtol=0, atol=0.02)


@check(
    points=2,
    zh="训练图像的顺序只由 seed 决定；train 与 val 的类别不同时抛出 ValueError。",
    hint="DataLoader(..., generator=...); compare the classes of the two data sets.",
    hint_zh="DataLoader(..., generator=...)；比较两个数据集的 classes。",
)
def test_order_depends_on_the_seed_alone(submission, rng):
    """The orders depend on the seed alone; different classes in train and val are a ValueError."""
    files = folder(rng, {"a": (0, 0), "b": (1, 1), "c": (1, 0)}, 12, 1, lambda r, _: blobs(r, 4, 4))
    seed = rng.seed()
    first, other, again = submission.on("cpu").run(orders, files, [seed, seed + 1, seed])
    for one, two in zip(first, again, strict=True):
        assert_tensor(two, one)
    assert not torch.equal(first[0], other[0]), "one order for two seeds"
    for root, names in (("fewer", "ac"), ("others", "abd")):
        pictures = {f"{root}/train/{name}/0.png": blobs(rng, 4, 4) for name in "abc"}
        pictures |= {f"{root}/val/{name}/0.png": blobs(rng, 4, 4) for name in names}
        with raises(ValueError):
            submission.on("cpu").run(load_folder, root, pictures)


@check(
    points=1,
    zh="载入同样的参数后，网络在训练模式和评估模式下都算出正确的分数。",
    hint="The order of the layers matters, and so do kernel, padding and both poolings.",
    hint_zh="各层的顺序有关系，卷积核、填充和两种池化也有关系。",
)
def test_network_computes_the_scores(submission, rng):
    """The network gives the right scores, in training and in evaluation mode."""
    state = random_state(rng, 3)
    model, x = network(3, state), rng.randn(5, 3, 32, 32)
    told = submission.on("cpu").run(train_and_eval, "build_network", [3], [x], state)
    assert_tensor(told["train"][0], model.train()(x).detach(), rtol=1e-4, atol=1e-4)
    model(x)
    assert_tensor(told["eval"][0], model.eval()(x).detach(), rtol=1e-4, atol=1e-4)


@check(
    points=2,
    zh="evaluate 在评估模式下、不建计算图地求正确率，之后模型一切如初。",
    hint="Count over samples, not over batches; note model.training before eval(), and restore it.",
    hint_zh="按样本而不是按批统计；在 eval() 之前记下 model.training，最后恢复。",
)
def test_evaluate_leaves_the_model_as_it_was(submission, rng, device):
    """evaluate counts over all samples in evaluation mode, and leaves the model as it was."""
    x, y = 2 + 3 * rng.randn(10, 5), rng.randint(0, 5, (10,))
    y[:4], y[8:] = x[:4].argmax(1), (x[8:].argmax(1) + 1) % 5  # the small batch is all wrong
    norm = nn.BatchNorm1d(5).eval()
    share = (norm(x).argmax(1) == y).double().mean().item()
    for training in (True, False):
        answer = submission.run(around_evaluate, x, y, training, device)
        told, state, modes, grads, after = answer
        assert_equal(type(told), float)
        assert_close(told, share)
        assert_equal((modes, grads, after), ([False], [False], [training] * 3))
        for name, value in norm.state_dict().items():
            assert_tensor(state[f"0.{name}"], value)


@check(
    points=3,
    zh="文件里是 val 正确率最高的那个 epoch（并列时取最早）的权重，返回的正确率与之相符。",
    hint="Write the file whenever an epoch is better than all before it, and only then.",
    hint_zh="某个 epoch 比之前的都好时才写文件，否则不写。",
)
def test_best_epoch_is_kept(submission, rng):
    """The file has the weights of the best epoch on val, the earliest of several."""
    # Two pictures are soon right, in all later epochs too. Then ants of train are bees of val:
    # the more is learned, the worse the share becomes.
    for kinds, n_val in (((0, 1), 1), ((1, 0), 8)):
        pairs = {name: (k, kinds[k]) for k, name in enumerate(("ants", "bees"))}
        files = folder(rng, pairs, 24, n_val)
        options = {"epochs": 5, "device": "cpu", "seed": rng.seed()}
        run = submission.on("cpu").run
        ((told, _, state, (share, made)),) = run(trained, files, [options])
        shares = told["val_accuracy"]
        assert_equal([len(shares), made], [5, ["best0.pt"]])
        assert_close(share, max(shares), rtol=0, atol=0.01)
        best = shares.index(max(shares)) + 1
        ((again, _, expected, _),) = run(trained, files, [options | {"epochs": best}])
        assert_close(again["val_accuracy"], shares[:best], rtol=0, atol=0.01)
        for name, value in expected.items():
            assert_tensor(state[name], value)


@check(
    points=2,
    zh="类别名和个数来自文件夹；种子相同（或都省略）时权重相同，不管之前抽过什么随机数。",
    hint="The classes of the ImageFolder go into the file; torch.manual_seed before the network.",
    hint_zh="把 ImageFolder 的 classes 存进文件；建网络之前调用 torch.manual_seed。",
)
def test_folders_and_seed_decide(submission, rng):
    """The folders decide about the classes, and the seed about the weights."""
    names = ["bees", "Wasps", "ants"]
    files = folder(rng, {name: (k % 2, k % 2) for k, name in enumerate(names)}, 6, 3)
    settings = [{"seed": 0, "epochs": 3, "device": "cpu"}, {"seed": 1 + rng.seed()}, {}]
    first, other, again = submission.on("cpu").run(trained, files, settings)
    for told, classes, state, _ in (first, other, again):
        assert_equal([list(told["classes"]), list(classes)], [sorted(names)] * 2)
        assert_equal([len(told["val_accuracy"]), *state["9.weight"].shape], [3, 3, 16])
    for name, value in first[2].items():
        assert_tensor(again[2][name], value)
    assert not torch.allclose(first[2]["0.weight"], other[2]["0.weight"], rtol=0.01, atol=0.001)


@check(
    points=3,
    zh="不是分类器的文件，load_classifier 一律以 ValueError 拒绝，也不运行其中任何东西。",
    hint="torch.load runs no code unless you allow it; then look at what came, entry by entry.",
    hint_zh="只要你不放行，torch.load 就不会运行代码；读到之后，再逐项检查内容。",
)
def test_foreign_files_are_refused(submission, rng):
    """load_classifier raises ValueError for whatever is no classifier, and runs nothing of it."""
    state = random_state(rng, 2)
    accepted, ran, classes = submission.on("cpu").run(refused, state)
    assert_equal(ran, expected=False)
    assert_equal([accepted, classes], [[], ["a", "b"]])
    with raises(OSError):
        submission.run(load_missing)


@check(
    points=2,
    zh="显卡上存的文件也能读；权重、类别名和模式都正确，模型在要求的设备上。",
    hint="map_location says where the file's tensors go; then move the model, and call eval().",
    hint_zh="map_location 说明文件里的张量放到哪里；然后移动模型，再调用 eval()。",
)
def test_files_of_other_machines_are_loaded(submission, rng, other_device):
    """A file from a graphics card is loaded, with weights and classes, to the device asked for."""
    classes, state = ["x", "ants", "y", "bees"], random_state(rng, 4)
    x = rng.randn(3, 3, 32, 32)
    found = submission.on("cpu").run(loaded_scores, classes, state, x, other_device)
    names, scores, training, where = found
    assert_equal([names, training, where], [classes, False, [other_device]])
    expected = network(4, state).eval()(x).detach()
    assert_tensor(scores, expected, rtol=1e-4, atol=1e-4)


@check(
    points=2,
    zh="各种模式和尺寸的图像，predict_image 都给出正确的类别名和概率。",
    hint="The very transform of the validation, then rows and columns stay what they are.",
    hint_zh="必须用与验证时完全相同的变换；不要用 reshape 打乱行、列和通道。",
)
def test_predictions_for_every_picture(submission, rng):
    """predict_image is right for pictures of every mode and size."""
    classes = ["d", "b", "a", "c"]
    weight, bias = 0.05 * rng.randn(4, 3072), rng.randn(4)
    modes, sizes = ["RGBA", "L", "P", "RGB"], [(64, 64), (64, 48), (40, 90), (21, 33)]
    files = {
        f"{mode}.png": blobs(rng, *size, mode) for mode, size in zip(modes, sizes, strict=True)
    }
    scores = torch.stack([weight @ as_input(data).flatten() + bias for data in files.values()])
    found = submission.on("cpu").run(predictions, files, weight, bias, classes)
    for (name, probability), expected in zip(found, scores.softmax(1), strict=True):
        assert name in classes
        assert_close(probability, expected.max().item(), rtol=0, atol=0.03)
        assert_close(expected[classes.index(name)].item(), expected.max().item(), rtol=0, atol=0.06)
    for data in (None, b"no picture"):
        with raises(OSError):
            submission.run(predict_file, data)


@check(
    points=2,
    zh="predict_image 只问一次，批次为 1，评估模式，不建计算图；答案可重复，模型一切如初。",
    hint="eval() and torch.no_grad() belong to inference even if somebody has just been training.",
    hint_zh="推理总要 eval() 和 torch.no_grad()，哪怕模型刚刚还在训练。",
)
def test_prediction_is_made_in_evaluation_mode(submission, rng, device):
    """predict_image asks once, a batch of one, in evaluation mode, and leaves the model alone."""
    picture = blobs(rng, 50, 70)
    for training in (True, False):
        found = submission.run(around_prediction, picture, training, device)
        answers, asked, modes, same = found
        assert_equal(asked, [[[1, 3, 32, 32], False, False]] * 2)
        assert_equal(answers[1], answers[0])
        assert_equal([modes, same], [[training] * 5, True])


@check(
    points=1,
    zh="predict_image 和 evaluate 把图像移到模型所在的设备上。",
    hint="next(model.parameters()).device says where the model is; x.to(...) returns a copy there.",
    hint_zh="next(model.parameters()).device 就是模型所在的设备；x.to(...) 返回移动后的张量。",
)
def test_pictures_go_to_the_models_device(submission, rng, other_device):
    """predict_image and evaluate bring the pictures to the device of the model."""
    one, many = submission.on("cpu").run(places, blobs(rng), other_device)
    assert_equal(one, [other_device, other_device, torch.float32, [1, 3, 32, 32]])
    assert_equal(many, [other_device, other_device, torch.float32, [2, 3, 32, 32]])


@check(
    points=2,
    zh="有图像读不了时，main 照样处理其余的，在标准错误里说明并返回 1；缺少参数时返回 2。",
    hint="Catch OSError for each picture on its own; what is wrong goes to sys.stderr.",
    hint_zh="对每张图像分别捕获 OSError；出错信息写到 sys.stderr。",
)
def test_main_goes_on_after_a_bad_picture(submission, rng):
    """Main tells of files that it cannot read, goes on with the others, and returns its status."""
    files = {"a.png": blobs(rng), "bad.png": b"no picture", "deep/b.png": blobs(rng, 30, 50, "L")}
    lines = [
        ["some.pt", "a.png", "bad.png", "gone.png", "deep/b.png"],
        ["some.pt", "deep/b.png"],
        ["bad.png", "a.png"],
        ["gone.pt", "a.png"],
        ["some.pt"],
        [],
    ]
    found, expected = submission.on("cpu").run(command_lines, files, rng.seed(), lines)
    assert_equal([status for status, _, _ in found], [1, 0, 1, 1, 2, 2])
    written = [out.splitlines() for _, out, _ in found]
    assert_equal(written, [expected, expected[1:], [], [], [], []])
    unread = ("bad.png", "gone.png", "gone.pt")
    named = [[path for path in unread if path in err] for _, _, err in found]
    assert_equal(named, [["bad.png", "gone.png"], [], ["bad.png"], ["gone.pt"], [], []])
    assert_equal([bool(err) for _, _, err in found], [True, False, True, True, True, True])


@check(
    points=1,
    zh="作为脚本运行时，文件把命令行参数交给 main，并以它返回的状态结束。",
    hint="Below `if __name__ == '__main__':` hand sys.argv[1:] to main, and sys.exit its result.",
    hint_zh="在 `if __name__ == '__main__':` 下，把 sys.argv[1:] 交给 main，再用 sys.exit 结束。",
)
def test_script_hands_its_words_to_main(submission, rng):
    """As a script the file hands its words to main, and ends with the status of main."""
    for words, expected in ((["some.pt", "one.png"], 0), (["some.pt", "gone.png", "one.png"], 1)):
        found = submission.on("cpu").run(script, blobs(rng), rng.seed(), words)
        status, written, line = found
        assert_equal(status, expected)
        assert_equal(written.splitlines(), [line])


@check(
    points=4,
    zh="训练没有多花时间，而且网络学会了：没见过的图像至少认对 75%。",
    hint="Each picture is read once for each epoch, in batches: no more. Does the loss fall?",
    hint_zh="每个 epoch 里每张图像只读一次，按批处理，不要更多。损失在下降吗？",
)
def test_training_is_quick_and_the_network_has_learned(timed, rng, device):
    """Training takes no longer than it has to, and 75 % of unseen pictures are named rightly."""
    for run in timed:
        # Bees may lie in the folder of the ants: nobody can know the answers.
        turned = rng.integer(0, 2)
        files = folder(rng, {"ants": (turned,) * 2, "bees": (1 - turned,) * 2}, 32, 8)
        conversation = run.submission.start(
            scores_after_training, files, device, seed=rng.seed() % 1000
        )
        assert_equal(conversation.value, 3)
        kinds = rng.randint(0, 2, (60,))
        scores = conversation.send([insect(rng, kind) for kind in kinds.tolist()])
        run.samples = 3 * 64
        assert_equal(tuple(scores.shape), (60, 2))
        share = (scores.argmax(1) == (kinds + turned) % 2).double().mean().item()
        assert share >= 0.75, f"{share:.3f} of unseen pictures"
