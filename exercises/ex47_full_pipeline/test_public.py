"""Public checks of ex47_full_pipeline: the shapes, the loaders, and what a short run leaves."""

import tempfile
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    read_events,
)


@probe
def model_and_output(student, x):
    """Return the layers, the shapes of the state, and the shape of the scores of a new model."""
    model = student.build_model()
    state = {name: list(value.shape) for name, value in model.state_dict().items()}
    return [type(layer).__name__ for layer in model], state, model(x).shape


@probe
def passes(student, train, test, batch_size, seed):
    """Return two passes through each loader: the batches with their samples."""
    loaders = student.build_loaders(train, test, batch_size, seed)
    return {name: [list(loader), list(loader)] for name, loader in loaders.items()}


@probe
def evaluated(student, state, x, y, batch_size, device):
    """Return what evaluate says of a linear layer."""
    model = nn.Linear(x.shape[1], len(state["bias"])).to(device)
    model.load_state_dict(state)
    return student.evaluate(model, DataLoader(TensorDataset(x, y), batch_size), device)


@probe
def files_of_a_run(student, train, test, options):
    """Return what main returned, and the names of the files in out_dir."""
    history = student.main(train, test, "logs", "kept/models", **options)
    return history, sorted(path.name for path in Path("kept/models").iterdir())


@probe
def shapes_in_checkpoints(student, train, test, options):
    """Return the names and shapes in each checkpoint, after loading it into a new model."""
    student.main(train, test, "logs", "models", **options)
    found = []
    for epoch in range(1, options["epochs"] + 1):
        state = torch.load(f"models/model_{epoch}.pt", map_location="cpu")
        student.build_model().load_state_dict(state)
        found.append({name: list(value.shape) for name, value in state.items()})
    return found


@probe
def events_of_a_run(student, train, test, name, options):
    """Return the bytes of each file in the log_dir of this name."""
    folder = Path(tempfile.mkdtemp(), "logs", name)
    student.main(train, test, str(folder), "models", **options)
    return [path.read_bytes() for path in folder.iterdir()] if folder.is_dir() else []


SHAPES = {
    "0.weight": [8, 1, 3, 3],
    "0.bias": [8],
    "1.weight": [8],
    "1.bias": [8],
    "1.running_mean": [8],
    "1.running_var": [8],
    "1.num_batches_tracked": [],
    "4.weight": [16, 8, 3, 3],
    "4.bias": [16],
    "5.weight": [16],
    "5.bias": [16],
    "5.running_mean": [16],
    "5.running_var": [16],
    "5.num_batches_tracked": [],
    "9.weight": [10, 64],
    "9.bias": [10],
}
BLOCK = ["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"]


def random_data(rng, count):
    """Return pictures of four classes, each with one bright quarter, and their labels."""
    labels = rng.randint(0, 4, (count,))
    pictures = 0.5 * rng.rand(count, 1, 8, 8)
    for picture, label in zip(pictures, labels.tolist(), strict=True):
        row, column = 4 * (label // 2), 4 * (label % 2)
        picture[0, row : row + 4, column : column + 4] += 0.5
    return pictures, labels


@check(
    points=1,
    zh="build_model 恰有规定的十层，把 64 张图像变成 (64, 10) 的分数。",
    hint="An nn.Sequential of the ten layers in their order; after two poolings 8 x 8 is 2 x 2.",
    hint_zh="把十层按顺序放进 nn.Sequential；经过两次池化，8 x 8 变成 2 x 2。",
)
def test_model_has_the_ten_layers(submission):
    """build_model has the ten layers of the task and turns 64 pictures into scores (64, 10)."""
    layers, state, shape = submission.on("cpu").run(model_and_output, torch.ones(64, 1, 8, 8))
    assert_equal(state, SHAPES)
    assert_equal(layers, [*BLOCK, *BLOCK, "Flatten", "Linear"])
    assert_equal(shape, torch.Size([64, 10]))


@check(
    points=2,
    zh="每一遍，train 都重新打乱并给出每个样本一次，test 则保持原来的顺序。",
    hint="shuffle=True belongs to one of the two loaders. drop_last would lose samples.",
    hint_zh="两个加载器中只有一个要 shuffle=True。drop_last 会丢掉样本。",
)
def test_loaders_give_all_samples(submission, rng):
    """At each pass train gives every sample once, shuffled anew, and test keeps the order."""
    pictures = rng.rand(50, 1, 8, 8)
    train, test = (
        (pictures, torch.arange(50) % 7),
        (rng.rand(23, 1, 8, 8), rng.randint(0, 9, (23,))),
    )
    loaders = submission.on("cpu").run(passes, train, test, 16, rng.seed())
    assert_equal(sorted(loaders), ["test", "train"])
    orders = []
    for batches in loaders["train"]:
        assert_equal([len(y) for _, y in batches], [16, 16, 16, 2])
        x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
        places = (x[:, None] == pictures).flatten(2).all(2).int().argmax(1)
        assert_tensor(places.sort().values, torch.arange(50))
        assert_tensor(y, train[1][places])
        orders.append(places.tolist())
    assert list(range(50)) not in orders, "in the order of the data"
    assert orders[0] != orders[1], "twice the same order"
    for batches in loaders["test"]:
        assert_equal([len(y) for _, y in batches], [16, 7])
        for part, expected in zip(zip(*batches, strict=True), test, strict=True):
            assert_tensor(torch.cat(part), expected)


@check(
    points=2,
    zh="不管怎样分批，evaluate 都给出全体样本的平均损失和正确率，两者都是 float。",
    hint="The last batch may be smaller. Add up over samples, and divide by their number once.",
    hint_zh="最后一批可能更小。对样本累加，最后除以样本数，只除一次。",
)
def test_evaluate_gives_means(submission, rng, device):
    """evaluate gives the mean loss and the share of right answers, however the batches are cut."""
    x, y = rng.randn(11, 6), torch.arange(11) % 4
    state = {"weight": rng.randn(4, 6), "bias": rng.randn(4)}
    scores = functional.linear(x, **state)
    losses = functional.cross_entropy(scores, y, reduction="none")
    right = (scores.argmax(1) == y).float()
    expected = torch.tensor([losses.mean(), right.mean()])
    for size in (4, 11, 64, 10):
        told = submission.run(evaluated, state, x, y, size, device)
        assert_equal(sorted(told), ["accuracy", "loss"])
        sums = sum(losses[first : first + size].mean() for first in range(0, 11, size))
        batches = -(-11 // size)
        mistakes = [
            Mistake(
                torch.tensor([sums, right.mean()]),
                en="This loss is the sum of the batches' means: it grows with their number.",
                zh="这个损失是各批平均的总和：批次越多，它就越大。",
            ),
            Mistake(
                torch.tensor([sums / batches, right.mean()]),
                en="The mean of the batches' means: the small last batch counts too much.",
                zh="这个损失是各批平均的平均：最后那个小批次的份量过重了。",
            ),
        ]
        values = torch.tensor([told["loss"], told["accuracy"]])
        assert_tensor(values, expected, mistakes=mistakes)
    assert_close(told, {"loss": losses.mean().item(), "accuracy": right.mean().item()})


@check(
    points=2,
    zh="每个 epoch 之后保存一个 state_dict，默认的 torch.load 能读，build_model() 的模型能载入。",
    hint="Save model.state_dict(), not the model: loading a whole model runs code.",
    hint_zh="要保存 model.state_dict()，而不是模型本身：载入整个模型会执行文件里的代码。",
)
def test_every_epoch_leaves_a_checkpoint(submission, rng, device):
    """Every epoch leaves a state_dict that torch.load reads and a new model takes."""
    options = {"epochs": 3, "batch_size": 16, "device": device, "seed": rng.seed()}
    train, test = random_data(rng, 40), random_data(rng, 9)
    assert_equal(submission.run(shapes_in_checkpoints, train, test, options), [SHAPES] * 3)


@check(
    points=2,
    zh="事件文件里有每 log_every 步的 train_loss，以及每个 epoch 的 test_loss 和 test_accuracy。",
    hint="A writer collects before it writes: close it. And count the steps through all epochs.",
    hint_zh="writer 会先攒着再写：用完要关闭。步数要跨 epoch 一直数下去。",
)
def test_event_file_tells_of_the_run(submission, rng, device):
    """The event file has train_loss every log_every steps, and both test numbers of each epoch."""
    train, test = random_data(rng, 90), random_data(rng, 9)  # 6 steps for each epoch
    options = {"epochs": 3, "batch_size": 16, "device": device}
    for name, more, logged in [("some", {"log_every": 4}, [4, 8, 12, 16]), ("default", {}, [10])]:
        files = submission.run(events_of_a_run, train, test, name, options | more)
        assert_equal(len(files), 1)
        steps = {"train_loss": [], "test_loss": [], "test_accuracy": []}
        for event in read_events(files[0]):
            if event.tag in steps:
                assert_equal(event.kind, "scalar")
                steps[event.tag].append(event.step)
        numbers = list(range(1, 4))
        assert_equal(steps, {"train_loss": logged, "test_loss": numbers, "test_accuracy": numbers})


@check(
    points=1,
    zh="main 为每个 epoch 返回三个 float，训练损失下降；out_dir 里只有各个检查点。",
    hint="loss is a tensor; loss.item() is its number. Average over the samples of the epoch.",
    hint_zh="loss 是张量，loss.item() 才是数值。要对这个 epoch 的样本求平均。",
)
def test_main_returns_the_history(submission, rng, device):
    """Main returns three floats for each epoch; the training loss falls, the files have names."""
    options = {"epochs": 4, "batch_size": 16, "device": device, "seed": rng.seed()}
    train, test = random_data(rng, 90), random_data(rng, 9)
    history, names = submission.run(files_of_a_run, train, test, options)
    kinds = {name: [type(value) for value in values] for name, values in history.items()}
    assert_equal(
        kinds, {name: [float] * 4 for name in ("train_loss", "test_loss", "test_accuracy")}
    )
    losses = history["train_loss"]
    assert losses[-1] < losses[0], f"from {losses[0]:.3f} to {losses[-1]:.3f}"
    assert_equal(names, [f"model_{epoch}.pt" for epoch in (1, 2, 3, 4)])
