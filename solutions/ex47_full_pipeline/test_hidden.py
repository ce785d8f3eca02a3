"""Hidden checks of ex47_full_pipeline: numbers against the checkpoints, seeds, and the time."""

import contextlib
import tempfile
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    read_events,
    train_and_eval,
)


@probe
def orders(student, data, seeds):
    """Return the labels of two passes for each seed, with other random numbers drawn between."""
    found = []
    for number, seed in enumerate(seeds):
        torch.manual_seed(number)
        loader = student.build_loaders(data, data, 8, seed)["train"]
        first = torch.cat([y for _, y in loader])
        torch.rand(number + 1)
        found.append([first, torch.cat([y for _, y in loader])])
    return found


@probe
def around_evaluate(student, x, y, training, device):
    """Return what evaluate says of a noisy network with norms, its modes, and what it left."""
    model = nn.Sequential(nn.BatchNorm1d(x.shape[1]), nn.Dropout(0.5), nn.Identity()).to(device)
    model.train(training)
    grads, modes = [], []
    model.register_forward_hook(lambda *_: modes.append(any(m.training for m in model.modules())))
    model.register_forward_hook(lambda *_: grads.append(torch.is_grad_enabled()))
    told = student.evaluate(model, DataLoader(TensorDataset(x, y), 4), device)
    after = [module.training for module in model.modules()]
    return told, dict(model.state_dict()), sorted(set(modes)), sorted(set(grads)), after


@probe
def places_in_evaluate(student, x, y, device):
    """Return the devices of a layer's weight and input, as evaluate calls it."""
    seen = []

    class Watched(nn.Linear):
        """A layer that notes where its input is."""

        def forward(self, x):
            seen.extend([self.weight.device.type, x.device.type])
            raise InterruptedError  # the rest may need values, and meta has none

    with contextlib.suppress(InterruptedError):
        model = Watched(x.shape[1], 3).to(device)
        student.evaluate(model, DataLoader(TensorDataset(x, y), 2), device)
    return seen


@probe
def run_of(student, train, test, options):
    """Run main in folders of its own; return its history, its checkpoints and its event files."""
    with tempfile.TemporaryDirectory() as folder:
        logs, models = Path(folder, "logs"), Path(folder, "models")
        history = student.main(train, test, str(logs), models, **options)
        states = [
            dict(torch.load(models / f"model_{epoch}.pt", map_location="cpu"))
            for epoch in range(1, len(list(models.iterdir())) + 1)
        ]
        files = [path.read_bytes() for path in logs.iterdir()] if logs.is_dir() else []
    return history, states, files


@probe
def last_states(student, train, tests, settings):
    """Return the last checkpoint of each run, with other random numbers drawn before it."""
    found = []
    for number, (test, options) in enumerate(zip(tests, settings, strict=True)):
        torch.manual_seed(number)
        found.append(run_of(student, train, test, options)[1][-1])
    return found


@probe
def files_made(student, train, test, options):
    """Return the names of all files and folders that main made beside its own two."""
    before = {path.name for path in Path().iterdir()}
    student.main(train, test, "logs", "models", **options)
    return sorted({path.name for path in Path().iterdir()} - before - {"logs", "models"})


@probe
def scores_after_a_run(student, train, test, options):
    """Run main; then load its last checkpoint and give the scores of pictures that come now."""
    with tempfile.TemporaryDirectory() as folder:
        student.main(train, test, f"{folder}/logs", f"{folder}/models", **options)
        model = student.build_model()
        path = f"{folder}/models/model_{options['epochs']}.pt"
        model.load_state_dict(torch.load(path, map_location="cpu"))
    unseen = yield None
    with torch.no_grad():
        return model.eval()(unseen.cpu())


def network(state=None):
    """Return the network of the task, with this state."""
    layers = []
    for before, after in ((1, 8), (8, 16)):
        convolution = nn.Conv2d(before, after, 3, padding=1)
        layers += [convolution, nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(64, 10))
    if state is not None:
        assert_equal(sorted(state), sorted(model.state_dict()))
        for name, value in model.state_dict().items():
            assert_equal(tuple(state[name].shape), tuple(value.shape))
        model.load_state_dict(state)
    return model


def random_state(rng):
    """Return random numbers for all parameters and averages of the network."""
    state = {}
    for name, value in network().state_dict().items():
        if name.endswith("running_var"):
            state[name] = 0.5 + rng.rand(*value.shape)
        elif value.is_floating_point():
            state[name] = 0.5 * rng.randn(*value.shape)
        else:
            state[name] = value
    return state


def random_data(rng, count):
    """Return pictures of ten classes, each with three bright columns or rows, and labels."""
    labels = torch.arange(count) % 10
    pictures = 0.5 * rng.rand(count, 1, 8, 8)
    for picture, label in zip(pictures, labels.tolist(), strict=True):
        side = picture[0] if label < 5 else picture[0].t()
        side[label % 5 : label % 5 + 3] += 0.5
    order = rng.permutation(count)
    return pictures[order], labels[order]


def scalars(files):
    """Return (step, value) of each scalar of the one event file, by tag."""
    assert_equal(len(files), 1)
    found = {"train_loss": [], "test_loss": [], "test_accuracy": []}
    for event in read_events(files[0]):
        if event.kind == "scalar" and event.tag in found:
            found[event.tag].append((event.step, event.value))
    return found


def assert_numbers(actual, expected):
    """Compare two lists of numbers that were computed in float32, in different orders."""
    assert_close(list(actual), list(expected), rtol=1e-3, atol=1e-4)


def digits():
    """Return 1437 pictures and 360 others, each with its labels: the same ones every time."""
    from sklearn.datasets import load_digits  # not above: imports travel with the probes

    data = load_digits()
    pictures = torch.tensor(data.images / 16, dtype=torch.float32)[:, None]
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(3))
    return pictures[order].split([1437, 360]), torch.tensor(data.target)[order].split([1437, 360])


@check(
    points=1,
    zh="载入同样的参数后，build_model 的模型在训练模式和评估模式下都算出正确的分数。",
    hint="The order of the layers matters, and so do kernel, padding and the size of the pooling.",
    hint_zh="各层的顺序有关系，卷积核、填充和池化的大小也有关系。",
)
def test_model_computes_the_scores(submission, rng):
    """A model of build_model gives the right scores, in training and in evaluation mode."""
    state = random_state(rng)
    model, submission = network(state), submission.on("cpu")
    x = rng.rand(5, 1, 8, 8)
    told = submission.run(train_and_eval, "build_model", [], [x], state)
    assert_tensor(told["train"][0], model.train()(x).detach(), rtol=1e-4, atol=1e-4)
    model(x)
    assert_tensor(told["eval"][0], model.eval()(x).detach(), rtol=1e-4, atol=1e-4)


@check(
    points=2,
    zh="训练数据的顺序由 seed 决定，而且只由它决定。",
    hint="Give the loader a generator of its own: DataLoader(..., generator=...).",
    hint_zh="给加载器一个自己的随机数发生器：DataLoader(..., generator=...)。",
)
def test_order_depends_on_the_seed_alone(submission, rng):
    """The orders of the training data depend on the seed, and on nothing else."""
    data, seed = (rng.rand(60, 1, 8, 8), rng.permutation(60)), rng.seed()
    first, other, again = submission.on("cpu").run(orders, data, [seed, seed + 1, seed])
    for one, two in zip(first, again, strict=True):
        assert_tensor(two, one)
    assert not torch.equal(first[0], other[0]), "one order for two seeds"


@check(
    points=2,
    zh="evaluate 在评估模式下、不建计算图地询问模型，之后模型的模式、参数和缓冲区都与原来一样。",
    hint="model.eval() before, model.train(...) after, in the mode that model.training told you.",
    hint_zh="之前调用 model.eval()，之后用 model.train(...) 恢复 model.training 原来的模式。",
)
def test_evaluate_leaves_the_model_as_it_was(submission, rng, device):
    """evaluate asks in evaluation mode without a graph, and leaves the model as it was."""
    x, y = 2 + 3 * rng.randn(10, 5), rng.randint(0, 5, (10,))
    norm = nn.BatchNorm1d(5).eval()
    loss = functional.cross_entropy(norm(x), y).item()
    for training in (True, False):
        answer = submission.run(around_evaluate, x, y, training, device)
        told, state, modes, grads, after = answer
        assert_equal((modes, grads, after), ([False], [False], [training] * 4))
        for name, value in norm.state_dict().items():
            assert_tensor(state[f"0.{name}"], value)
        assert_close(told["loss"], loss, rtol=1e-4)


@check(
    points=1,
    zh="evaluate 把每一批数据移到指定的设备上。",
    hint="x.to(device) returns the tensor there; x itself stays where it was.",
    hint_zh="x.to(device) 返回移动后的张量，x 本身留在原处。",
)
def test_evaluate_moves_the_batches(submission, rng, other_device):
    """evaluate moves the batches to the device."""
    x, y = rng.randn(3, 4), rng.randint(0, 3, (3,))
    seen = submission.on("cpu").run(places_in_evaluate, x, y, other_device)
    assert_equal(seen, [other_device] * 2)


@check(
    points=2,
    zh="每个 epoch 的测试损失和正确率，正是那个检查点在测试数据上的结果；返回值和事件文件都如此。",
    hint="Train, then test, then save: all three belong to the same epoch, and the same weights.",
    hint_zh="先训练，再测试，再保存：三者属于同一个 epoch，用的是同样的权重。",
)
def test_test_numbers_are_those_of_the_checkpoints(submission, rng, device):
    """The test numbers of each epoch, returned and logged, are those of its checkpoint."""
    train, test = random_data(rng, 70), random_data(rng, 27)
    options = {"epochs": 3, "batch_size": 10, "device": device, "seed": rng.seed()}
    history, states, files = submission.run(run_of, train, test, options)
    logged = scalars(files)
    losses, accuracies = [], []
    for state in states:
        with torch.no_grad():
            scores = network(state).eval()(test[0])
        losses.append(functional.cross_entropy(scores, test[1]).item())
        accuracies.append((scores.argmax(1) == test[1]).double().mean().item())
    for name, expected in [("test_loss", losses), ("test_accuracy", accuracies)]:
        assert_numbers(history[name], expected)
        assert_equal([step for step, _ in logged[name]], [1, 2, 3])
        assert_numbers([value for _, value in logged[name]], expected)


@check(
    points=2,
    zh="训练损失是各批在更新之前、训练模式下的损失：记入日志的是那一步的，返回的是对样本的平均。",
    hint="Measure before the step, in training mode; weigh each batch by its number of samples.",
    hint_zh="要在更新之前、训练模式下计算；平均时每一批按样本数计算份量。",
)
def test_training_losses_are_those_of_the_batches(submission, rng, device):
    """Training losses are those of the batches before their steps: logged, and returned as mean."""
    train, test = random_data(rng, 50), random_data(rng, 5)
    options = {"epochs": 4, "batch_size": 64, "log_every": 1, "device": device, "seed": rng.seed()}
    history, states, files = submission.run(run_of, train, test, options)
    losses = [  # one batch for each epoch: its loss is that of the checkpoint before
        functional.cross_entropy(network(state).train()(train[0]), train[1]).item()
        for state in states[:-1]
    ]
    logged = scalars(files)["train_loss"]
    assert_equal([step for step, _ in logged], [1, 2, 3, 4])
    assert_numbers([value for _, value in logged][1:], losses)
    assert_numbers(history["train_loss"][1:], losses)
    options |= {"epochs": 2, "batch_size": 16}  # three batches of 16, and one of 2
    history, _, files = submission.run(run_of, train, test, options)
    values = torch.tensor([value for _, value in scalars(files)["train_loss"]])
    assert_equal(tuple(values.shape), (8,))
    sizes = torch.tensor([16.0, 16, 16, 2])
    assert_numbers(history["train_loss"], ((values.view(2, 4) * sizes).sum(1) / 50).tolist())


@check(
    points=2,
    zh="各步正是学习率为 lr 的 Adam 走出的步子，每个 epoch 都在训练模式下进行。",
    hint="torch.optim.Adam with lr, made once; zero_grad, backward and step for each batch.",
    hint_zh="用 lr 创建一次 torch.optim.Adam；每一批依次 zero_grad、backward、step。",
)
def test_steps_are_those_of_adam(submission, rng):
    """The steps are those of Adam with the rate lr, in training mode in every epoch."""
    train, test = random_data(rng, 50), random_data(rng, 5)
    options = {"epochs": 1, "batch_size": 50, "device": "cpu", "seed": rng.seed(), "lr": 0.0}
    run = submission.on("cpu").run
    (start,) = run(run_of, train, test, options)[1]
    lr = 0.005 + 0.01 * rng.rand(1).item()
    states = run(run_of, train, test, options | {"epochs": 3, "lr": lr})[1]
    model = network(start)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch, state in enumerate(states, start=1):
        functional.cross_entropy(model.train()(train[0]), train[1]).backward()
        optimizer.step()
        optimizer.zero_grad()
        assert_equal(int(state["1.num_batches_tracked"]), epoch)
        for name in ("1.weight", "4.weight", "5.bias", "9.weight"):
            # Where a gradient is nearly 0, Adam makes a step of the rounding: most must agree.
            difference = (state[name] - model.state_dict()[name]).abs()
            assert (difference < 0.1 * lr).double().mean().item() > 0.9, f"{name} at epoch {epoch}"


@check(
    points=2,
    zh="设置和 seed 相同（或都省略）时结果相同，不管之前抽过什么随机数；seed 不同时结果不同。",
    hint="torch.manual_seed(seed) before the model is built, and the loader by the same seed.",
    hint_zh="建模型之前调用 torch.manual_seed(seed)，加载器也用同一个 seed。",
)
def test_same_seed_gives_the_same_model(submission, rng):
    """The same settings, given or left out, give the same model, and another seed another one."""
    train, test = random_data(rng, 150), random_data(rng, 5)
    settings = {"epochs": 3, "batch_size": 64, "lr": 0.01, "log_every": 10, "device": "cpu"}
    runs = [settings | {"seed": 0}, settings | {"seed": 1 + rng.seed()}, {}]
    first, other, again = submission.on("cpu").run(last_states, train, [test] * 3, runs)
    network(first)  # has all names
    for name, value in first.items():
        assert_tensor(again[name], value)
    assert not torch.allclose(first["0.weight"], other["0.weight"], rtol=0.01, atol=0.001)


@check(
    points=2,
    zh="测试数据不参与训练：换一份测试数据，得到的模型仍然相同。",
    hint="Only loaders['train'] may reach backward(), and nothing may be chosen by the test data.",
    hint_zh="只有 loaders['train'] 能用于 backward()，也不能按测试数据来做任何选择。",
)
def test_test_data_have_no_part_in_the_training(submission, rng):
    """The test data have no part in the training: with others the model becomes the same."""
    train, seed = random_data(rng, 40), rng.seed()
    tests = [random_data(rng, 20), (3 * rng.rand(20, 1, 8, 8), rng.randint(0, 10, (20,)))]
    options = {"epochs": 2, "batch_size": 16, "device": "cpu", "seed": seed}
    first, other = submission.on("cpu").run(last_states, train, tests, [options] * 2)
    network(first)  # has all names
    for name, value in first.items():
        assert_tensor(other[name], value)


@check(
    points=1,
    zh="main 只往 log_dir 和 out_dir 里写文件。",
    hint="SummaryWriter() without a folder makes one of its own, called runs.",
    hint_zh="不给文件夹的 SummaryWriter() 会自己建一个叫 runs 的文件夹。",
)
def test_nothing_is_written_elsewhere(submission, rng, device):
    """Main writes into log_dir and out_dir, and nowhere else."""
    options = {"epochs": 1, "batch_size": 16, "device": device}
    made = submission.run(files_made, random_data(rng, 20), random_data(rng, 5), options)
    assert_equal(made, [])


@check(
    points=3,
    zh="整个流程没有多花时间，而且模型学会了：没见过的图像至少认对 80%。",
    hint="Each sample once for training and once for testing per epoch, in whole batches: no more.",
    hint_zh="每个 epoch 里，每个样本训练一次、测试一次，都按整批进行，不要更多。",
)
def test_run_is_quick_and_the_model_has_learned(timed, rng, device):
    """A run takes no longer than it has to, and 80 % of unseen pictures are read right."""
    pictures, labels = digits()
    for run in timed:
        # Other names for the digits, and all pictures turned or not: nobody can know the answers.
        names, turn = rng.permutation(10), rng.integer(0, 4)
        images, unseen = (part.rot90(turn, (2, 3)).contiguous() for part in pictures)
        answers, expected = (names[part] for part in labels)
        train, test = (images[:-100], answers[:-100]), (images[-100:], answers[-100:])
        options = {"epochs": 2, "lr": 0.015, "device": device, "seed": rng.seed()}
        conversation = run.submission.start(scores_after_a_run, train, test, options)
        scores = conversation.send(unseen)
        run.samples = 2 * len(images)
        assert_equal(tuple(scores.shape), (360, 10))
        accuracy = (scores.argmax(1) == expected).double().mean().item()
        assert accuracy >= 0.8, f"{accuracy:.3f} of unseen pictures"
