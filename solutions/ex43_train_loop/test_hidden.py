"""Hidden checks of ex43_train_loop: exact weights, exact losses, devices, and what was learned."""

import contextlib
import itertools
import weakref

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    module_gradients,
    probe,
)


@probe
def loss_of_some_samples(student, state, x, y, batches, device):
    """Return what train_one_epoch returns for batches of these places, with a rate of 0."""
    model = nn.Linear(x.shape[1], y.shape[1]).to(device, x.dtype)
    model.load_state_dict(state)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    loader = DataLoader(TensorDataset(x, y), batch_sampler=batches)
    return student.train_one_epoch(model, loader, nn.L1Loss(), optimizer, device)


@probe
def state_of_a_norm(student, x, y, batch_size, device):
    """Return the state of a BatchNorm that comes in evaluation mode, at a learning rate of 0."""
    model = nn.BatchNorm1d(x.shape[1]).to(device).eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    loader = DataLoader(TensorDataset(x, y), batch_size=batch_size)
    student.train_one_epoch(model, loader, nn.CrossEntropyLoss(), optimizer, device)
    return model.state_dict()


@probe
def network(state, device):
    """Return a network of two layers with these parameters."""
    rows, columns = state["0.weight"].shape
    model = nn.Sequential(nn.Linear(columns, rows), nn.Tanh(), nn.Linear(rows, 3))
    model.to(device, torch.float64).load_state_dict(state)
    return model


@probe
def loader_of(x, y, epochs):
    """Return a loader of the batches of places that each epoch has; it runs once for each."""

    class Order:
        """Give the batches of one epoch after those of another."""

        rest = iter(epochs)

        def __iter__(self):
            return iter(next(self.rest))

        def __len__(self):
            return len(epochs[0])

    return DataLoader(TensorDataset(x, y), batch_sampler=Order())


@probe
def states_after_epochs(student, state, x, y, epochs, device):
    """Return the state after each call of train_one_epoch, with Adam and the squared error."""
    model, loader = network(state, device), loader_of(x, y, epochs)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    states = []
    for _ in epochs:
        student.train_one_epoch(model, loader, nn.MSELoss(), optimizer, device)
        states.append({name: value.clone() for name, value in model.state_dict().items()})
    return states


@probe
def state_after_leftovers(student, state, leftovers, x, y, device):
    """Return the state after an epoch of one batch that began with gradients of something else."""
    model = network(state, device)
    for name, parameter in model.named_parameters():
        parameter.grad = leftovers[name]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(x, y), batch_size=len(x))
    student.train_one_epoch(model, loader, nn.MSELoss(), optimizer, device)
    return model.state_dict()


@probe
def graphs_alive(student, x, y, device):
    """Return for each sample, a batch of its own, how many graphs before its own still live."""
    hooks, alive = [], []

    def criterion(output, target):
        def hook(gradient):  # lives as long as the graph that it hangs on
            return gradient

        alive.append(sum(each() is not None for each in hooks))
        hooks.append(weakref.ref(hook))
        output.register_hook(hook)
        return functional.cross_entropy(output, target)

    model = nn.Linear(x.shape[1], 3).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(x, y), batch_size=1)
    student.train_one_epoch(model, loader, criterion, optimizer, device)
    return alive


@probe
def devices_of_an_epoch(student, x, y, device):
    """Return the devices of output and target, as the criterion gets them, for a model there."""
    seen = []

    def criterion(output, target):
        seen.extend([output.device.type, target.device.type])
        raise InterruptedError  # the rest may need values, and meta has none

    model = nn.Linear(x.shape[1], 3).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(x, y), batch_size=len(x))
    with contextlib.suppress(InterruptedError):
        student.train_one_epoch(model, loader, criterion, optimizer, device)
    return seen


@probe
def devices_of_fit(student, x, y, device):
    """Return the devices of a model's weight and its input, as fit calls it."""
    seen = []

    class Watched(nn.Linear):
        """A layer that notes where it is when it is called."""

        def forward(self, x):
            seen.extend([self.weight.device.type, x.device.type])
            raise InterruptedError

    loaders = {"train": DataLoader(TensorDataset(x, y), batch_size=len(x))}
    with contextlib.suppress(InterruptedError):
        student.fit(Watched(x.shape[1], 3), loaders, 1, 0.1, device)
    return seen


@probe
def state_and_history(student, state, x, y, train, val, lr, device):
    """Return the state of a model after fit, and what fit returned."""
    model = network(state, "cpu")
    loaders = {"val": loader_of(x, y, val), "train": loader_of(x, y, train)}
    history = student.fit(model, loaders, len(train), lr, device)
    return model.state_dict(), history


@probe
def scores_after_fit(student, pictures, labels, seed, device):
    """Train an MLP; then give the scores of pictures that come only now."""
    torch.manual_seed(seed)
    model = student.MLP(64, 128, 10)
    data = TensorDataset(pictures, labels)
    # A batch at once: picking its samples one by one would take as long as the training.
    batches = BatchSampler(RandomSampler(data), batch_size=96, drop_last=False)
    loader = DataLoader(data, sampler=batches, batch_size=None)
    student.fit(model, {"train": loader}, 4, 0.1, device)
    unseen = yield None
    with torch.no_grad():
        return model.eval()(unseen)


def random_state(rng):
    """Return the random parameters of a network: 5 to 4 to 3."""
    shapes = {"0.weight": (4, 5), "0.bias": (4,), "2.weight": (3, 4), "2.bias": (3,)}
    return {name: rng.randn(*shape, dtype=torch.float64) for name, shape in shapes.items()}


def outputs(state, x):
    """Return what the network with this state gives."""
    inner = torch.tanh(functional.linear(x, state["0.weight"], state["0.bias"]))
    return functional.linear(inner, state["2.weight"], state["2.bias"])


def random_epochs(rng, samples, sizes, count):
    """Return for each epoch batches of these sizes, of random places; some may be left out."""
    orders = [rng.permutation(samples)[: sum(sizes)].split(sizes) for _ in range(count)]
    return [[batch.tolist() for batch in order] for order in orders]


def epochs_by_torch(optimizer, state, x, y, loss_of, epochs):
    """Give after each epoch its average loss; `optimizer` moves the tensors of `state`."""
    for batches in epochs:
        total = 0.0
        for places in batches:
            loss = loss_of(outputs(state, x[places]), y[places])
            gradients = torch.autograd.grad(loss, list(state.values()))
            for value, gradient in zip(state.values(), gradients, strict=True):
                value.grad = gradient
            optimizer.step()
            total += loss.item() * len(places)
        yield total / sum(map(len, batches))


def assert_state(actual, expected):
    """Compare two states, tensor by tensor."""
    assert_equal(sorted(actual), sorted(expected))
    for name, value in expected.items():
        assert_tensor(actual[name], value)


def random_fit(rng):
    """Return state, samples, labels, the batches for training and others, and a learning rate."""
    samples = rng.randn(13, 5, dtype=torch.float64), rng.randint(0, 3, (13,))
    train, val = random_epochs(rng, 13, [4, 2, 4], 4), random_epochs(rng, 13, [3, 3, 3], 4)
    return random_state(rng), *samples, train, val, 0.05 + 0.1 * rng.rand(1).item()


def fitted_by_torch(state, x, y, train, _val, lr):
    """Return the state that fit leads to, and the history."""
    mine = {name: value.clone().requires_grad_() for name, value in state.items()}
    optimizer = torch.optim.SGD(mine.values(), lr=lr, momentum=0.9)
    losses = epochs_by_torch(optimizer, mine, x, y, functional.cross_entropy, train)
    history = [{"epoch": epoch, "loss": loss} for epoch, loss in enumerate(losses, start=1)]
    return mine, history


def digits():
    """Return 1437 pictures and 360 others, each with its labels: the same ones every time."""
    from sklearn.datasets import load_digits  # not above: imports travel with the probes

    data = load_digits()
    pictures = torch.tensor(data.data, dtype=torch.float32)
    pictures = (pictures - pictures.mean(0)) / (pictures.std(0) + 1)
    # One split for all: with this one a plain solution reads 97 to 99 %, whatever it starts from.
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(3))
    return pictures[order].split([1437, 360]), torch.tensor(data.target)[order].split([1437, 360])


@check(
    points=1,
    zh="对一个或几个样本、float64 的输入，MLP 的分数和梯度都正确。",
    hint="Keep the batch dimension, the dtype and the graph; the sizes are those of __init__.",
    hint_zh="保留批量维、dtype 和计算图；各层尺寸由 __init__ 的参数决定。",
)
def test_mlp_gradients(submission, rng):
    """MLP gives right scores and gradients in float64, for one sample and for several."""
    shapes = {"hidden.weight": (6, 7), "hidden.bias": (6,)}
    shapes |= {"output.weight": (4, 6), "output.bias": (4,)}
    for count in (1, 5):
        state = {name: rng.randn(*shape, dtype=torch.float64) for name, shape in shapes.items()}
        x, upstream = (rng.randn(count, size, dtype=torch.float64) for size in (7, 4))
        leaves = [value.clone().requires_grad_() for value in (x, *state.values())]
        inner = functional.linear(leaves[0], *leaves[1:3]).relu()
        scores = functional.linear(inner, *leaves[3:])
        expected = torch.autograd.grad((scores * upstream).sum(), leaves)
        received = submission.run(
            module_gradients, "MLP", [7, 6, 4], [x], state=state, upstream=upstream
        )
        assert_tensor(received["output"], scores)
        assert_tensor(received["inputs"][0], expected[0])
        assert_state(received["parameters"], dict(zip(state, expected[1:], strict=True)))


@check(
    points=2,
    zh="平均损失只按 loader 实际给出的样本计算，每个样本份量相同。",
    hint="A loader need not give all samples of its dataset: count those that come.",
    hint_zh="loader 不一定给出数据集里的全部样本：来了多少，就数多少。",
)
def test_average_is_over_the_samples_that_came(submission, rng, device):
    """The average loss is that of the samples that the loader has given, each counting the same."""
    x, y = rng.randn(12, 5, dtype=torch.float64), rng.randn(12, 2, dtype=torch.float64)
    state = {"weight": rng.randn(2, 5, dtype=torch.float64)}
    state["bias"] = rng.randn(2, dtype=torch.float64)
    (batches,) = random_epochs(rng, 12, [4, 1, 3], 1)
    places = list(itertools.chain(*batches))
    expected = functional.l1_loss(functional.linear(x, **state)[places], y[places]).item()
    loss = submission.run(loss_of_some_samples, state, x, y, batches, device)
    assert_close(loss, expected)


@check(
    points=1,
    zh="即使模型来时处于评估模式，也在训练模式下训练。",
    hint="BatchNorm and Dropout behave differently in training. Who says that it has begun?",
    hint_zh="BatchNorm 和 Dropout 在训练时行为不同。是谁告诉它们训练开始了？",
)
def test_model_trains_in_training_mode(submission, rng, device):
    """A model that comes in evaluation mode is trained in training mode."""
    x, y = 3 + rng.randn(10, 4), rng.randint(0, 4, (10,))
    norm = nn.BatchNorm1d(4)
    for batch in x.split(5):
        norm(batch)
    state = submission.run(state_of_a_norm, x, y, 5, device)
    assert_state(state, norm.state_dict())


@check(
    points=2,
    zh="用给定的优化器和损失函数训练几个 epoch，每个 epoch 之后的权重都完全正确。",
    hint="One pass over loader for each call, and for each batch one call of optimizer.step().",
    hint_zh="每次调用只遍历 loader 一遍，每一批只调用一次 optimizer.step()。",
)
def test_epochs_follow_the_given_optimizer(submission, rng, device):
    """After each of several epochs the weights are those of the given optimizer and criterion."""
    state = random_state(rng)
    x, y = rng.randn(11, 5, dtype=torch.float64), rng.randn(11, 3, dtype=torch.float64)
    epochs = random_epochs(rng, 11, [4, 4, 2], 3)
    mine = {name: value.clone().requires_grad_() for name, value in state.items()}
    optimizer = torch.optim.Adam(mine.values(), lr=0.05)
    states = submission.run(states_after_epochs, state, x, y, epochs, device)
    by_torch = epochs_by_torch(optimizer, mine, x, y, functional.mse_loss, epochs)
    for trained, _ in zip(states, by_torch, strict=True):
        assert_state(trained, mine)


@check(
    points=1,
    zh="调用之前留在参数里的梯度不起作用。",
    hint="Clear the gradients before backward() and not only after the step.",
    hint_zh="要在 backward() 之前清零梯度，只在更新之后清零是不够的。",
)
def test_old_gradients_have_no_part(submission, rng, device):
    """Gradients that the parameters hold from before have no part in the training."""
    state, leftovers = random_state(rng), random_state(rng)
    x, y = rng.randn(6, 5, dtype=torch.float64), rng.randn(6, 3, dtype=torch.float64)
    mine = {name: value.clone().requires_grad_() for name, value in state.items()}
    slopes = torch.autograd.grad(functional.mse_loss(outputs(mine, x), y), list(mine.values()))
    expected = {
        name: value - 0.1 * slope
        for (name, value), slope in zip(state.items(), slopes, strict=True)
    }
    trained = submission.run(state_after_leftovers, state, leftovers, x, y, device)
    assert_state(trained, expected)


@check(
    points=1,
    zh="一批训练完，它的计算图就释放，不会攒到 epoch 结束。",
    hint="Adding up loss tensors ties all their graphs together. Add up numbers instead.",
    hint_zh="把损失张量直接相加，会把所有计算图连在一起。要相加的是数值。",
)
def test_graphs_are_let_go(submission, rng, device):
    """The graph of a batch is let go when the batch is done and not kept for the whole epoch."""
    x, y = rng.randn(8, 5), rng.randint(0, 3, (8,))
    alive = submission.run(graphs_alive, x, y, device)
    assert len(alive) == len(x)
    # The variable `loss` of the batch before may still hold one, but no more pile up.
    assert max(alive) <= 2


@check(
    points=1,
    zh="train_one_epoch 把每一批的输入和标签都移到指定的设备上。",
    hint="x.to(device) returns the tensor there; x itself stays where it was.",
    hint_zh="x.to(device) 返回移动后的张量，x 本身留在原处。",
)
def test_batches_move_to_the_device(submission, rng, other_device):
    """train_one_epoch moves the inputs and the targets of each batch to the device."""
    x, y = rng.randn(6, 5), rng.randint(0, 3, (6,))
    seen = submission.on("cpu").run(devices_of_an_epoch, x, y, other_device)
    assert_equal(seen, [other_device] * 2)


@check(
    points=1,
    zh="fit 把模型移到指定的设备上再训练。",
    hint="The model and the batches must be on one device, the one that was asked for.",
    hint_zh="模型和数据要在同一个设备上，也就是指定的那个设备。",
)
def test_fit_moves_the_model(submission, rng, other_device):
    """Fit moves the model to the device and trains it there."""
    x, y = rng.randn(6, 5), rng.randint(0, 3, (6,))
    seen = submission.on("cpu").run(devices_of_fit, x, y, other_device)
    assert_equal(seen, [other_device] * 2)


@check(
    points=3,
    zh='fit 之后，模型的权重正是用带动量的 SGD 只在 loaders["train"] 上训练的结果。',
    hint="The momentum is the optimizer's memory: one optimizer, made once, for all epochs.",
    hint_zh="动量是优化器的记忆：优化器只建一次，所有 epoch 都用它。",
)
def test_fit_trains_the_model(submission, rng, device):
    """After fit the model has the weights of SGD with momentum on loaders["train"] alone."""
    arguments = random_fit(rng)
    state, _ = submission.run(state_and_history, *arguments, device)
    assert_state(state, fitted_by_torch(*arguments)[0])


@check(
    points=2,
    zh="fit 返回的损失逐个 epoch 都正确，是训练过程中各批更新之前的损失的平均。",
    hint="The loss of an epoch is what train_one_epoch returns for it, on the training data.",
    hint_zh="每个 epoch 的损失，就是 train_one_epoch 在训练数据上返回的值。",
)
def test_history_holds_the_training_losses(submission, rng, device):
    """The history of fit holds the right loss of every epoch, measured before each step."""
    arguments = random_fit(rng)
    _, history = submission.run(state_and_history, *arguments, device)
    assert_close(history, fitted_by_torch(*arguments)[1])


@check(
    points=4,
    zh="训练没有多花时间，而且模型学会了：没见过的图像至少认对 93%。",
    hint="Hand a batch to the layers as a whole: they work through all its rows at once.",
    hint_zh="把整批数据一次交给各层：它们能同时处理所有的行。",
)
def test_training_is_quick_and_learns(timed, rng, device):
    """Training takes no longer than it has to, and 93 % of unseen pictures are read right."""
    pictures, labels = digits()
    for run in timed:
        # Other names for the digits and another order of the pixels: nobody can know the answers.
        names, pixels = rng.permutation(10), rng.permutation(64)
        images, unseen = (part[:, pixels] for part in pictures)
        answers, expected = (names[part] for part in labels)
        conversation = run.submission.start(scores_after_fit, images, answers, rng.seed(), device)
        scores = conversation.send(unseen)
        run.samples = 4 * len(images)
        assert_equal(tuple(scores.shape), (360, 10))
        accuracy = (scores.argmax(1) == expected).double().mean().item()
        assert accuracy >= 0.93, f"{accuracy:.3f} of unseen pictures"
