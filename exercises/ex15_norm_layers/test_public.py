"""Public checks of ex15_norm_layers: the numbers of the notes, and small tables."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    module_output,
    probe,
    raises,
    state_dict,
)

FIFTY = torch.arange(50.0).reshape(2, 1, 5, 5)


@probe
def state_after(student, batches):
    """Return the state of a fresh layer for one map that has seen these batches in training."""
    layer = student.MyBatchNorm2d(1)
    for batch in batches:
        layer(batch)
    return dict(layer.state_dict())


@probe
def in_evaluation(student, maps, batches, later):
    """Return what the layer makes of two later batches in evaluation mode, after training."""
    layer = student.MyBatchNorm2d(maps)
    for batch in batches:
        layer(batch)
    layer.eval()
    return [layer(x) for x in later]


@probe
def fitted(student, train, test):
    """Return mean, std, both tables transformed, and the second one transformed and undone."""
    scaler = student.Standardizer().fit(train)
    there = scaler.transform(test)
    return [scaler.mean, scaler.std, scaler.transform(train), there, scaler.inverse(there)]


@probe
def raw_and_scaled(student, X, y, steps, raw_lr, lr):
    """Return the loss that is left with the features as they are, and with scaled ones."""
    scaled = student.Standardizer().fit(X).transform(X)
    return [student.gd_loss(X, y, steps, raw_lr), student.gd_loss(scaled, y, steps, lr)]


@check(
    points=1,
    zh="MyBatchNorm2d 把笔记中的 50 个数变成从 -1.6977 到 1.6977 的数。",
    hint="24.5 is their mean; the mean of the squared differences is 208.25 (divided by 50).",
    hint_zh="平均值是 24.5；差的平方的平均是 208.25（除以 50）。",
)
def test_batch_norm_on_fifty_numbers(submission):
    """MyBatchNorm2d turns the 50 numbers of the notes into numbers from -1.6977 to 1.6977."""
    expected = (FIFTY - 24.5) / (208.25 + 1e-5) ** 0.5
    one_less = Mistake(
        (FIFTY - 24.5) / (212.5 + 1e-5) ** 0.5,
        en="This was normalised with a variance that divides by one less than the count.",
        zh="归一化时所用的方差除的是个数减一。",
    )
    normalised = submission.run(module_output, "MyBatchNorm2d", [1], [FIFTY])
    assert_tensor(normalised, expected, mistakes=[one_less])


@check(
    points=1,
    zh="新建的 MyBatchNorm2d 与 nn.BatchNorm2d 有同样的状态：两个参数、三个缓冲区，初值也相同。",
    hint="nn.Parameter for what learns, register_buffer for what is only remembered.",
    hint_zh="要学习的用 nn.Parameter，只需记住的用 register_buffer。",
)
def test_batch_norm_starts_like_torchs_own(submission):
    """A fresh MyBatchNorm2d has the state of nn.BatchNorm2d: names, shapes, dtypes, values."""
    state, expected = submission.run(state_dict, "MyBatchNorm2d", [3]), nn.BatchNorm2d(3)
    assert_equal(sorted(state), sorted(expected.state_dict()))
    for name, value in expected.state_dict().items():
        assert_tensor(state[name], value)


@check(
    points=1,
    zh="在训练模式下见过这 50 个数之后，running_mean 是 2.45，running_var 是 22.15。",
    hint="0.9 * 0 + 0.1 * 24.5 = 2.45. For running_var the variance is 212.5, divided by 49.",
    hint_zh="0.9 * 0 + 0.1 * 24.5 = 2.45。running_var 用的方差是 212.5，除的是 49。",
)
def test_running_statistics_after_one_batch(submission):
    """After one batch of these 50 numbers running_mean is 2.45 and running_var is 22.15."""
    state = submission.run(state_after, [FIFTY])
    names = {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}
    assert_equal(sorted(state), sorted(names))
    assert_tensor(state["running_mean"], torch.tensor([2.45]))
    biased = Mistake(
        torch.tensor([21.725]),
        en="running_var has moved towards the variance that divides by the count.",
        zh="running_var 用的是除以个数的方差。",
    )
    assert_tensor(state["running_var"], torch.tensor([22.15]), mistakes=[biased])
    assert_tensor(state["num_batches_tracked"], torch.tensor(1))


@check(
    points=1,
    zh="评估模式下用的是训练时记住的统计量，与眼前这批数据无关；每个通道用自己的统计量。",
    hint="self.training says which mode it is. One mean for each map: the mean runs over 0, 2, 3.",
    hint_zh="self.training 表明当前的模式。每个通道一个平均值：在第 0、2、3 维上求平均。",
)
def test_evaluation_uses_what_training_remembered(submission, rng):
    """In evaluation mode each map is normalised by the statistics that training remembered."""
    spread, shift = rng.rand(3, 1, 1) + 0.5, 4 * rng.randn(3, 1, 1)
    batches = [rng.randn(4, 3, 5, 2) * spread + shift for _ in range(2)]
    later = [rng.randn(2, 3, 3, 4), rng.randn(1, 3, 1, 1)]
    layer = nn.BatchNorm2d(3)
    for batch in batches:
        layer(batch)
    layer.eval()
    outputs = submission.run(in_evaluation, 3, batches, later)
    for output, x in zip(outputs, later, strict=True):
        assert_tensor(output, layer(x))


@check(
    points=1,
    zh="layer_norm 把笔记中 0 到 19 的每一行都变成 -1.4142、-0.7071、0、0.7071、1.4142。",
    hint="Each row of five is on its own: its mean leaves, its own spread becomes 1.",
    hint_zh="每行五个数各算各的：减去这一行的平均值，再除以这一行的标准差。",
)
def test_layer_norm_on_twenty_numbers(submission):
    """layer_norm turns every row of 0 ... 19 into -1.4142, -0.7071, 0, 0.7071, 1.4142."""
    x = torch.arange(20.0).reshape(2, 2, 5)
    row = torch.tensor([-2.0, -1, 0, 1, 2]) / (2 + 1e-5) ** 0.5
    assert_tensor(submission.layer_norm(x), row.expand(2, 2, 5))


@check(
    points=1,
    zh="minmax 逐列缩放到 [0, 1] 或 [-1, 1]；各数相等的一列变成 lo。",
    hint="The smallest and the largest number of each column: dim=0. And equal numbers give 0 / 0.",
    hint_zh="最小值和最大值按列取：dim=0。各数都相等时会出现 0 / 0。",
)
def test_minmax_stretches_every_column(submission):
    """Minmax stretches each column to [0, 1] or [-1, 1]; equal numbers become lo."""
    table = torch.tensor([[2.0, 5, -40], [6, 5, 0], [3, 5, -20]])
    expected = torch.tensor([[0.0, 0, 0], [1, 0, 1], [0.25, 0, 0.5]])
    assert_tensor(submission.minmax(table), expected)
    expected = torch.tensor([[-1.0, -1, -1], [1, -1, 1], [-0.5, -1, 0]])
    assert_tensor(submission.minmax(table, -1.0, 1.0), expected)
    with raises(ValueError):
        submission.minmax(table, 1.0, 1.0)


@check(
    points=1,
    zh="Standardizer 用训练表的平均值和标准差缩放两张表，并能还原。",
    hint="fit takes mean and std; transform only uses them. Divide by N, and never by 0.",
    hint_zh="fit 求出 mean 和 std，transform 只是使用它们。方差除以 N；标准差不能是 0。",
)
def test_standardizer_on_two_small_tables(submission):
    """Standardizer scales both tables by mean and std of the training table, and undoes it."""
    train = torch.tensor([[1.0, 20, 3], [5, 20, 9], [3, 20, 3], [7, 20, 9]])
    test = torch.tensor([[4.0, 20, 6], [9, 21, 12]])
    mean, std, scaled, there, back = submission.run(fitted, train, test)
    assert_tensor(mean, torch.tensor([4.0, 20, 6]))
    assert_tensor(std, torch.tensor([5**0.5, 1.0, 3]))
    a = 5**-0.5
    expected = torch.tensor([[-3 * a, 0, -1], [a, 0, 1], [-a, 0, -1], [3 * a, 0, 1]])
    assert_tensor(scaled, expected)
    assert_tensor(there, torch.tensor([[0.0, 0, 0], [5 * a, 1, 2]]))
    assert_tensor(back, test)


@check(
    points=1,
    zh="gd_loss 得到手算的损失：两行数据，走 0 步是 13，以 lr = 0.1 走一步是 2.96。",
    hint="One step by hand: w = 0 + 0.1 * 10, b = 0 + 0.1 * 6, and the loss is measured after it.",
    hint_zh="手算一步：w = 0 + 0.1 * 10，b = 0 + 0.1 * 6；损失是走完这一步之后的。",
)
def test_gd_loss_by_hand(submission):
    """gd_loss gives for two rows what a pencil gives: 13 before the first step, 2.96 after it."""
    X, y = torch.tensor([[0.0], [2]]), torch.tensor([1.0, 5])
    assert_close(submission.gd_loss(X, y, 0, 0.1), 13.0)
    assert_close(submission.gd_loss(X, y, 1, 0.1), 2.96)


@check(
    points=1,
    zh="特征相差百倍时，梯度下降 100 步后损失仍高于 0.5；标准化之后，同样的步数损失低于 0.05。",
    hint="The largest feature limits lr for all; scaled features can share a larger one.",
    hint_zh="最大的特征限制了所有特征能用的 lr；缩放之后，大家都能用更大的 lr。",
)
def test_scaled_features_learn_faster(submission, rng):
    """In 100 steps the loss stays above 0.5 on raw features and gets below 0.05 on scaled ones."""
    X = rng.randn(60, 2, dtype=torch.float64) * torch.tensor([1.0, 100.0], dtype=torch.float64)
    y = X[:, 0] + X[:, 1] / 100 + 1
    raw, scaled = submission.run(raw_and_scaled, X, y, 100, 3e-5, 0.1)
    assert raw > 0.5, f"the loss on raw features is {raw}"
    assert scaled < 0.05, f"the loss on scaled features is {scaled}"
