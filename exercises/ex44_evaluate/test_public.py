"""Public checks of ex44_evaluate: the numbers of the notes, averages, and the mode."""

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
)


@probe
def values_of_a_meter(student, means, sizes):
    """Return what a Meter gives after each batch."""
    meter, values = student.Meter(), []
    for mean, n in zip(means, sizes, strict=True):
        meter.update(mean, n)
        values.append(meter.value())
    return values


@probe
def linear(state, device):
    """Return a linear layer with this state."""
    model = nn.Linear(*state["weight"].t().shape).to(device)
    model.load_state_dict(state)
    return model


@probe
def losses_and_accuracies(student, state, x, y, batch_sizes, device):
    """Return loss and accuracy of a linear layer for each batch size, as two lists."""
    model = linear(state, device)
    losses, accuracies = [], []
    for size in batch_sizes:
        loader = DataLoader(TensorDataset(x, y), batch_size=size)
        result = student.evaluate(model, loader, nn.CrossEntropyLoss(), device)
        losses.append(float(result["loss"]))
        accuracies.append(float(result["accuracy"]))
    return losses, accuracies


@probe
def result_of_one_batch(student, state, x, y, device):
    """Return what evaluate returns for a linear layer and one batch."""
    loader = DataLoader(TensorDataset(x, y), batch_size=len(x))
    return student.evaluate(linear(state, device), loader, nn.CrossEntropyLoss(), device)


@probe
def losses_with_dropout(student, state, x, y, device):
    """Return the losses that evaluate finds, twice, for a model in training mode with Dropout."""
    model = nn.Sequential(nn.Dropout(0.5), linear(state, device))
    loader = DataLoader(TensorDataset(x, y), batch_size=6)
    criterion = nn.CrossEntropyLoss()
    return [float(student.evaluate(model, loader, criterion, device)["loss"]) for _ in range(2)]


def random_layer(rng, features, classes):
    """Return the random state of a linear layer."""
    return {"weight": rng.randn(classes, features), "bias": rng.randn(classes)}


def mean_of_means(values, size):
    """Return the mean of the means of batches of this size."""
    return torch.stack([batch.mean() for batch in values.split(size)]).mean()


@check(
    points=1,
    zh="accuracy 在笔记的例子和一个三类的例子上得到正确的 float。",
    hint="In each row look for the column with the largest score: argmax over dimension 1.",
    hint_zh="在每一行里找分数最大的那一列：沿第 1 维做 argmax。",
)
def test_accuracy_of_the_notes(submission):
    """Accuracy gives the right floats for the scores of the notes and for three classes."""
    of_the_notes = torch.tensor([[0.1, 0.2], [0.3, 0.4]])
    assert_equal(submission.accuracy(of_the_notes, torch.tensor([0, 1])), 0.5)
    scores = torch.tensor([[2.0, 1.0, -3.0], [0.5, -1.0, 4.0], [3.0, 0.0, 1.0], [-2.0, -1.0, -4.0]])
    assert_equal(submission.accuracy(scores, torch.tensor([0, 2, 1, 1])), 0.75)


@check(
    points=2,
    zh="Meter 在每一批之后都给出到此为止所有样本的平均，且为 float。",
    hint="Keep two numbers: the sum over all samples and how many they are. mean * n is a sum.",
    hint_zh="记两个数：所有样本的总和，以及样本的个数。mean * n 就是一批的总和。",
)
def test_meter_averages_over_samples(submission):
    """After each batch Meter gives the mean over all samples so far, as a float."""
    values = submission.run(values_of_a_meter, [1.0, 0.5, 0.0], [4, 4, 2])
    assert_close(values, [1.0, 0.75, 0.6])


@check(
    points=2,
    zh="无论怎样分批，evaluate 得到的损失和正确率都与整个数据集一次算出的相同。",
    hint="The last batch may be smaller. How many samples stand behind each batch's mean?",
    hint_zh="最后一批可能更小。每一批的平均值背后有多少个样本？",
)
def test_evaluate_does_not_depend_on_the_batches(submission, rng, device):
    """However the samples are split, evaluate gives the loss and accuracy of the whole set."""
    state, x = random_layer(rng, 5, 3), rng.randn(10, 5)
    scores = functional.linear(x, state["weight"], state["bias"])
    y = scores.argmax(1)
    y[8:] = (y[8:] + 1) % 3  # 8 of 10 are right, and the wrong ones are in the last batch
    losses, right = functional.cross_entropy(scores, y, reduction="none"), torch.ones(10)
    right[8:] = 0.0
    sizes = [4, 7, 10]
    found = submission.run(losses_and_accuracies, state, x, y, sizes, device)
    for returned, values in zip(found, (losses, right), strict=True):
        mistakes = [
            Mistake(
                torch.stack([mean_of_means(values, size) for size in sizes]),
                en="This is the mean of the batches' means: the small last batch counts too much.",
                zh="这是各批平均值的平均：最后那个小批次的份量过重了。",
            ),
            Mistake(
                torch.stack([mean_of_means(values, size) * -(-10 // size) for size in sizes]),
                en="This is the sum of the batches' means: it grows with the number of batches.",
                zh="这是各批平均值之和：批次越多，它就越大。",
            ),
        ]
        assert_tensor(torch.tensor(returned), values.mean().expand(3), mistakes=mistakes)


@check(
    points=1,
    zh='evaluate 返回恰有 "loss" 和 "accuracy" 两个键的字典，值都是 Python 的 float。',
    hint="A loss is a tensor until you take its number out.",
    hint_zh="损失是张量，要把里面的数取出来。",
)
def test_evaluate_returns_two_floats(submission, rng, device):
    """Evaluate returns a dict with "loss" and "accuracy", and both are Python floats."""
    state, x, y = random_layer(rng, 4, 3), rng.randn(6, 4), rng.randint(0, 3, (6,))
    scores = functional.linear(x, state["weight"], state["bias"])
    expected = {
        "loss": functional.cross_entropy(scores, y).item(),
        "accuracy": (scores.argmax(1) == y).double().mean().item(),
    }
    assert_close(submission.run(result_of_one_batch, state, x, y, device), expected)


@check(
    points=2,
    zh="带有 Dropout 的模型，评估两次得到同样的损失，就是不丢弃任何值时的损失。",
    hint="Dropout goes on dropping until somebody switches the model to evaluation mode.",
    hint_zh="只要没有人把模型切换到评估模式，Dropout 就一直在随机丢弃。",
)
def test_dropout_is_off(submission, rng, device):
    """A model with Dropout has the same loss twice, that of the model which drops nothing."""
    state, x, y = random_layer(rng, 8, 3), rng.randn(12, 8), rng.randint(0, 3, (12,))
    scores = functional.linear(x, state["weight"], state["bias"])
    losses = submission.run(losses_with_dropout, state, x, y, device)
    assert_close(losses, [functional.cross_entropy(scores, y).item()] * 2)


@check(
    points=2,
    zh="confusion 把六个样本数对：行是真实类别，列是预测类别。",
    hint="A pair of classes may come several times, and each time counts.",
    hint_zh="同样的一对类别可能出现多次，每一次都要计入。",
)
def test_confusion_of_six_samples(submission):
    """Confusion counts six samples right: true classes are rows, predicted classes columns."""
    target, pred = torch.tensor([0, 0, 1, 1, 1, 2]), torch.tensor([0, 1, 1, 1, 2, 2])
    expected = torch.tensor([[1, 1, 0], [0, 2, 1], [0, 0, 1]])
    mistakes = [
        Mistake(
            expected.t(),
            en="Rows and columns are swapped: the true class names the row.",
            zh="行列颠倒了：行应该是真实类别。",
        ),
        Mistake(
            expected.clamp(max=1),
            en="Each pair counts once at most. matrix[i, j] += 1 with tensors of places adds only"
            " once where a place comes twice.",
            zh="每一对最多只计了一次。matrix[i, j] += 1 的下标若是张量，重复的位置也只加一次。",
        ),
    ]
    assert_tensor(submission.confusion(pred, target, 3), expected, mistakes=mistakes)
