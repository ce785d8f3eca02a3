"""Public checks of ex43_train_loop: the network of the notes, one epoch, and the history."""

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
    module_output,
    probe,
    state_dict,
)


@probe
def frozen_losses(student, state, x, y, batch_sizes, device):
    """Return what train_one_epoch returns for each batch size, with a learning rate of 0."""
    model = nn.Linear(x.shape[1], state["bias"].shape[0]).to(device)
    model.load_state_dict(state)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    losses = []
    for size in batch_sizes:
        loader = DataLoader(TensorDataset(x, y), batch_size=size)
        losses.append(
            student.train_one_epoch(model, loader, nn.CrossEntropyLoss(), optimizer, device)
        )
    return losses


@probe
def calls_of_the_criterion(student, x, y, batch_size, device):
    """Return the shape of the first argument and the second argument of every call."""
    calls = []

    def criterion(first, second):
        calls.append((list(first.shape), second.detach().clone()))
        return first.double().mean() + second.double().mean()

    model = nn.Linear(x.shape[1], 3).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(x, y), batch_size=batch_size)
    student.train_one_epoch(model, loader, criterion, optimizer, device)
    return calls


@probe
def weight_after_an_epoch(student, weight, x, y, batch_size, lr, device):
    """Return the weight of a layer without bias after train_one_epoch with plain SGD."""
    model = nn.Linear(*weight.t().shape, bias=False).to(device, weight.dtype)
    model.load_state_dict({"weight": weight})
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    loader = DataLoader(TensorDataset(x, y), batch_size=batch_size)
    student.train_one_epoch(model, loader, nn.CrossEntropyLoss(), optimizer, device)
    return model.weight


@probe
def frozen_history(student, state, x, y, epochs, device):
    """Return what fit returns with a learning rate of 0, on batches of 4."""
    model = nn.Linear(x.shape[1], state["bias"].shape[0])
    model.load_state_dict(state)
    loaders = {"train": DataLoader(TensorDataset(x, y), batch_size=4)}
    return student.fit(model, loaders, epochs, 0.0, device)


def random_layer(rng, features, classes):
    """Return the random state of a linear layer."""
    return {"weight": rng.randn(classes, features), "bias": rng.randn(classes)}


def losses_of(state, x, y):
    """Return the cross entropy of every sample under a linear layer."""
    return functional.cross_entropy(
        functional.linear(x, state["weight"], state["bias"]), y, reduction="none"
    )


def slope(weight, x, y):
    """Return the gradient of the cross entropy of a batch, for a layer without bias."""
    weight = weight.clone().requires_grad_()
    return torch.autograd.grad(functional.cross_entropy(x @ weight.t(), y), weight)[0]


@check(
    points=1,
    zh="MLP() 恰有笔记中的两层 hidden 和 output，784-256-10，一共 203530 个参数。",
    hint="self.hidden and self.output are nn.Linear layers; their names become the state's names.",
    hint_zh="self.hidden 和 self.output 是两个 nn.Linear；属性名就是 state_dict 里的名字。",
)
def test_mlp_has_two_layers(submission):
    """MLP() has the two layers of the notes, hidden and output: 784-256-10, 203530 numbers."""
    state = submission.run(state_dict, "MLP", [])
    assert_equal(
        {name: tuple(value.shape) for name, value in state.items()},
        {
            "hidden.weight": (256, 784),
            "hidden.bias": (256,),
            "output.weight": (10, 256),
            "output.bias": (10,),
        },
    )


@check(
    points=1,
    zh="MLP 依次计算 hidden、ReLU、output，得到每个样本的分数。",
    hint="Three steps, and nothing after the last: the criterion wants plain scores.",
    hint_zh="一共三步，最后一步之后不再有别的运算：损失函数要的就是原始分数。",
)
def test_mlp_gives_scores(submission, rng):
    """MLP gives the scores of hidden, ReLU and output, one after the other."""
    x = rng.randn(4, 6)
    hidden, output = random_layer(rng, 6, 5), random_layer(rng, 5, 3)
    state = {f"hidden.{name}": value for name, value in hidden.items()}
    state |= {f"output.{name}": value for name, value in output.items()}
    inner = functional.linear(x, hidden["weight"], hidden["bias"])
    expected = functional.linear(inner.relu(), output["weight"], output["bias"])
    mistakes = [
        Mistake(
            functional.linear(inner, output["weight"], output["bias"]),
            en="This is the result without ReLU. Two linear layers in a row are one linear layer.",
            zh="这是没有 ReLU 的结果。两个线性层直接相连，只相当于一个线性层。",
        ),
        Mistake(
            expected.softmax(1),
            en="These are probabilities. nn.CrossEntropyLoss contains the softmax: return scores.",
            zh="这是概率。nn.CrossEntropyLoss 里已经包含 softmax，请直接返回分数。",
        ),
    ]
    scores = submission.run(module_output, "MLP", [6, 5, 3], [x], state=state)
    assert_tensor(scores, expected, mistakes=mistakes)


@check(
    points=2,
    zh="权重不动时，无论怎样分批，train_one_epoch 返回的平均损失都相同。",
    hint="The last batch may be smaller. How many samples stand behind each batch's mean?",
    hint_zh="最后一批可能更小。每一批的平均损失背后有多少个样本？",
)
def test_average_loss_does_not_depend_on_the_batches(submission, rng, device):
    """For a frozen model the average loss is the same however the samples are split."""
    x, y, state = rng.randn(10, 6), rng.randint(0, 3, (10,)), random_layer(rng, 6, 3)
    losses = losses_of(state, x, y)
    sizes = [3, 4, 10]
    batch_means = [torch.stack([b.mean() for b in losses.split(size)]) for size in sizes]
    mistakes = [
        Mistake(
            torch.stack([means.mean() for means in batch_means]),
            en="This is the mean of the batches' means: the small last batch counts too much.",
            zh="这是各批平均损失的平均：最后那个小批次的份量过重了。",
        ),
        Mistake(
            torch.stack([means.sum() for means in batch_means]),
            en="This is the sum of the batches' means: it grows with the number of batches.",
            zh="这是各批平均损失之和：批次越多，它就越大。",
        ),
        Mistake(
            torch.stack([means[-1] for means in batch_means]),
            en="This is the loss of the last batch alone.",
            zh="这只是最后一批的损失。",
        ),
    ]
    returned = submission.run(frozen_losses, state, x, y, sizes, device)
    assert_tensor(torch.tensor(returned), losses.mean().expand(3), mistakes=mistakes)


@check(
    points=1,
    zh="train_one_epoch 返回的是 Python 的 float，不是张量。",
    hint="loss is a tensor, and it drags its graph along. Which method gives its number?",
    hint_zh="loss 是张量，还连着计算图。哪个方法能取出它的数值？",
)
def test_average_loss_is_a_float(submission, rng, device):
    """train_one_epoch returns a Python float and not a tensor."""
    x, y, state = rng.randn(5, 4), rng.randint(0, 3, (5,)), random_layer(rng, 4, 3)
    (loss,) = submission.run(frozen_losses, state, x, y, [5], device)
    assert_close(loss, losses_of(state, x, y).mean().item())


@check(
    points=1,
    zh="每一批调用一次 criterion(output, target)，模型的输出在前，标签在后。",
    hint="nn.CrossEntropyLoss takes the scores first and the labels second.",
    hint_zh="nn.CrossEntropyLoss 的第一个参数是分数，第二个才是标签。",
)
def test_criterion_gets_the_output_first(submission, rng, device):
    """The criterion is called once for each batch, with the model's output before the target."""
    x, y = rng.randn(10, 6), rng.randint(0, 3, (10,))
    calls = submission.run(calls_of_the_criterion, x, y, 4, device)
    assert_equal([shape for shape, _ in calls], [[4, 3], [4, 3], [2, 3]])
    for (_, target), expected in zip(calls, y.split(4), strict=True):
        assert_tensor(target, expected)


@check(
    points=2,
    zh="一个 epoch 之后，权重正是每批一步梯度下降得到的结果。",
    hint="For each batch: clear the gradients, loss, backward, step. Is one of them missing?",
    hint_zh="每一批都要：清零梯度、算损失、反向传播、更新。是不是少了哪一步？",
)
def test_each_batch_takes_one_step(submission, rng, device):
    """After one epoch the weight is what one step of gradient descent per batch makes of it."""
    weight = rng.randn(3, 5, dtype=torch.float64)
    x, y = rng.randn(10, 5, dtype=torch.float64), rng.randint(0, 3, (10,))
    expected, piled, total = weight, weight, torch.zeros_like(weight)
    for batch in zip(x.split(4), y.split(4), strict=True):
        expected = expected - 0.5 * slope(expected, *batch)
        total = total + slope(piled, *batch)
        piled = piled - 0.5 * total
    mistakes = [
        Mistake(
            piled,
            en="Each step repeats all gradients before it: backward() adds to what .grad holds.",
            zh="每一步都重复了之前的所有梯度：backward() 会在 .grad 原有的值上累加。",
        ),
        Mistake(
            weight,
            en="The weight has not moved. The optimizer moves it, in step().",
            zh="权重没有变化。要由优化器的 step() 来更新。",
        ),
    ]
    trained = submission.run(weight_after_an_epoch, weight, x, y, 4, 0.5, device)
    assert_tensor(trained, expected, mistakes=mistakes)


@check(
    points=1,
    zh="fit 每个 epoch 返回一个字典：从 1 数起的 epoch 和这一轮的平均损失 loss。",
    hint="One dict per epoch with the keys epoch and loss; train_one_epoch gives the loss.",
    hint_zh="每个 epoch 一个字典，键是 epoch 和 loss；损失由 train_one_epoch 给出。",
)
def test_fit_tells_the_loss_of_every_epoch(submission, rng, device):
    """fit returns for each epoch its number, from 1, and its average loss."""
    x, y, state = rng.randn(8, 6), rng.randint(0, 3, (8,)), random_layer(rng, 6, 3)
    history = submission.run(frozen_history, state, x, y, 3, device)
    loss = losses_of(state, x, y).mean().item()
    assert_close(history, [{"epoch": epoch, "loss": loss} for epoch in (1, 2, 3)])
