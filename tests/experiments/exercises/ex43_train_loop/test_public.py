"""Public checks of ex43_train_loop: the average of the losses, and how the criterion is called."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.checks import assert_close, assert_equal, check, probe


@probe
def losses_of_a_frozen_model(student, state, x, y, batch_sizes, device):
    """Return what train_one_epoch returns for every batch size, with a learning rate of 0."""
    model = nn.Linear(x.shape[1], 3)
    model.load_state_dict(state)
    losses = []
    for batch_size in batch_sizes:
        loader = DataLoader(TensorDataset(x, y), batch_size=batch_size)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        criterion = nn.CrossEntropyLoss()
        losses.append(student.train_one_epoch(model, loader, criterion, optimizer, device))
    return losses


@probe
def arguments_of_the_criterion(student, x, y, device):
    """Return the dtypes of the two arguments with which the criterion was called."""
    calls = []

    def criterion(*arguments):
        calls.append([argument.dtype for argument in arguments])
        return sum(argument.sum() for argument in arguments)

    model = nn.Linear(x.shape[1], 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(x, y), batch_size=4)
    student.train_one_epoch(model, loader, criterion, optimizer, device)
    return calls


@check(
    points=2,
    zh="返回的平均损失是 float，与分批方式无关。",
    hint="The last batch is smaller: weight each loss by the number of samples behind it.",
    hint_zh="最后一批更小：每个损失要乘以它的样本数再求平均。",
)
def test_average_loss_does_not_depend_on_the_batches(submission, rng, device):
    """The average loss is a float and is the same for every split into batches."""
    x, y = rng.randn(10, 6), rng.randint(0, 3, (10,))
    weight, bias = rng.randn(3, 6), rng.randn(3)
    expected = nn.functional.cross_entropy(x @ weight.T + bias, y).item()
    state = {"weight": weight, "bias": bias}
    losses = submission.run(losses_of_a_frozen_model, state, x, y, [3, 4, 10], device)
    assert_equal([type(loss).__name__ for loss in losses], ["float"] * 3)
    assert_close(losses, [expected] * 3)


@check(
    points=1,
    zh="损失函数以 (output, target) 的顺序调用，每批一次。",
    hint="criterion(output, target): the prediction first.",
    hint_zh="criterion(output, target)：预测在前。",
)
def test_criterion_gets_the_output_first(submission, rng, device):
    """The criterion is called once for every batch, as criterion(output, target)."""
    x, y = rng.randn(10, 6), rng.randint(0, 3, (10,))
    calls = submission.run(arguments_of_the_criterion, x, y, device)
    assert_equal(calls, [[torch.float32, torch.int64]] * 3)
