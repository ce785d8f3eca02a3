"""Hidden checks of ex44_evaluate: what a measurement must not change, edges, and errors."""

import contextlib
import weakref

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from grader.checks import assert_close, assert_equal, assert_tensor, check, probe, raises


@probe
def accuracies(student, cases):
    """Return the accuracy in each case: scores by columns, and the classes."""
    return [student.accuracy(columns.t(), target) for columns, target in cases]


@probe
def values_of_two_meters(student, means, counts):
    """Return the values of two meters that are fed in turn, with tensors and with floats."""
    first, second = student.Meter(), student.Meter()
    for mean, n in zip(means, counts, strict=True):
        first.update(mean, n)
        second.update(-2.0 * mean.item(), n + 1)
    return [first.value(), second.value()]


@probe
def graphs_alive(student, x, y):
    """Return how many graphs of six losses still live when a Meter has seen them all."""
    hooks, meter, layer = [], student.Meter(), nn.Linear(x.shape[1], 3)
    for _ in range(6):

        def hook(gradient):  # lives as long as the graph that it hangs on
            return gradient

        hooks.append(weakref.ref(hook))
        output = layer(x)
        output.register_hook(hook)
        loss = functional.cross_entropy(output, y)
        meter.update(loss, len(x))
        del hook, output, loss
    return sum(each() is not None for each in hooks)


@probe
def result_on_places(student, state, x, y, batches, device):
    """Return loss and accuracy of a layer on batches of these places, of two loaders."""
    model = nn.Linear(x.shape[1], len(state["bias"])).to(device, x.dtype)
    model.load_state_dict(state)
    loader = DataLoader(TensorDataset(x, y), batch_sampler=batches)
    numbers = []
    for source in (loader, iter(list(loader))):
        result = student.evaluate(model, source, nn.MultiMarginLoss(), device)
        numbers += [float(result["loss"]), float(result["accuracy"])]
    return numbers


@probe
def two_halves(state, device):
    """Return a BatchNorm and a linear layer with this state, the first frozen, the second not."""
    model = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 3)).to(device)
    model.load_state_dict(state)
    model[0].eval()
    return model


@probe
def state_and_gradients(student, state, gradients, x, y, device):
    """Return state and gradients of a model in training mode after evaluate."""
    model = two_halves(state, device).train()  # BatchNorm as well
    for name, parameter in model.named_parameters():
        parameter.grad = gradients[name]
    loader = DataLoader(TensorDataset(x, y), batch_size=5)
    student.evaluate(model, loader, nn.CrossEntropyLoss(), device)
    after = {name: parameter.grad for name, parameter in model.named_parameters()}
    return model.state_dict(), after


@probe
def graphs_of_outputs(student, state, x, y, device):
    """Return for every batch whether the output has a graph, as the criterion gets it."""
    seen = []

    def criterion(output, target):
        seen.append(output.requires_grad)
        return functional.cross_entropy(output, target)

    loader = DataLoader(TensorDataset(x, y), batch_size=4)
    student.evaluate(two_halves(state, device), loader, criterion, device)
    return seen


@probe
def evaluate_with_a_flaw(student, model, x, y, flaw, device):
    """Evaluate a model on two batches, of which `flaw` (the second batch, or all) goes wrong."""

    def criterion(output, target):
        if flaw == "criterion" and len(target) == 3:
            raise InterruptedError
        return functional.cross_entropy(output, target)

    def loader():
        if flaw == "no batch":
            return
        yield x, y
        if flaw == "loader":
            raise InterruptedError
        yield x[:3], y[:3]

    def stumble(module, inputs):
        if flaw == "model" and len(inputs[0]) == 3:
            raise InterruptedError

    model[-1].register_forward_pre_hook(stumble)
    # The first two are meant; the others come of asking a generator for its length or data set.
    with contextlib.suppress(InterruptedError, ValueError, AttributeError, TypeError):
        student.evaluate(model, loader(), criterion, device)


@probe
def modes_after(student, state, x, y, flaws, device):
    """Return for each flaw, and for two settings, the modes of the modules and of autograd."""
    after = []
    for flaw in flaws:
        for flip in (False, True):
            model = two_halves(state, device)
            for module in model.modules():
                module.training ^= flip
            torch.set_grad_enabled(not flip)
            evaluate_with_a_flaw(student, model, x, y, flaw, device)
            modes = [module.training for module in model.modules()]
            after.append([*modes, torch.is_grad_enabled()])
            torch.set_grad_enabled(True)
    return after


@probe
def evaluate_nothing(student, device):
    """Evaluate on a loader without a batch, and on one of a data set that has samples."""
    data = TensorDataset(torch.zeros(6, 4), torch.zeros(6, dtype=torch.int64))
    loader = DataLoader(data, batch_sampler=[])
    return student.evaluate(nn.Linear(4, 3).to(device), loader, nn.CrossEntropyLoss(), device)


@probe
def devices_of_a_batch(student, x, y, device):
    """Return the devices of output and target, as the criterion gets them, for a model there."""
    seen = []

    def criterion(output, target):
        seen.extend([output.device.type, target.device.type])
        raise InterruptedError  # the rest needs values, and meta has none

    loader = DataLoader(TensorDataset(x, y), batch_size=len(x))
    with contextlib.suppress(InterruptedError):
        student.evaluate(nn.Linear(x.shape[1], 3).to(device), loader, criterion, device)
    return seen


@probe
def meter_that_refuses(student, n):
    """Feed a Meter with a batch of n samples; with None ask it before there is any."""
    meter = student.Meter()
    if n is None:
        return meter.value()
    meter.update(1.0, 3)
    return meter.update(1.0, n)


def random_state(rng):
    """Return random parameters and statistics for two_halves."""
    return {
        "0.weight": rng.randn(4),
        "0.bias": rng.randn(4),
        "0.running_mean": rng.randn(4),
        "0.running_var": 0.5 + rng.rand(4),
        "0.num_batches_tracked": torch.tensor(rng.integer(3, 90)),
        "2.weight": rng.randn(3, 4),
        "2.bias": rng.randn(3),
    }


def random_samples(rng, count):
    """Return samples for two_halves, far from what its BatchNorm has seen, and their classes."""
    return 3.0 + rng.randn(count, 4), rng.randint(0, 3, (count,))


@check(
    points=2,
    zh="样本数与类别数不同、分数全为负、只有一个样本、内存不连续时，accuracy 都正确。",
    hint="One row for each sample, however many columns there are; divide by the rows.",
    hint_zh="每行是一个样本，不论有多少列；除以的是行数。",
)
def test_accuracy_of_random_scores(submission, rng):
    """Accuracy is right for any number of samples and classes, also of scores that are views."""
    cases, expected = [], []
    for samples, classes, right in [
        (7, 3, 4),
        (2, 5, 2),
        (1, 4, 1),
        (1, 4, 0),
        (9, 9, 2),
        (3, 1, 3),
    ]:
        dtype = torch.float64 if samples > 2 else torch.float32
        target = rng.randint(0, classes, (samples,))
        scores = rng.rand(samples, classes, dtype=dtype) - 4.0
        best = target.clone()
        best[right:] = (best[right:] + 1) % classes  # the others are taken for the next class
        scores[torch.arange(samples), best] = -2.5
        order = rng.permutation(samples)
        cases.append((scores[order].t().contiguous(), target[order]))
        expected.append(right / samples)
    assert_close(submission.run(accuracies, cases), expected)


@check(
    points=1,
    zh="形状不合或没有样本时，accuracy 抛出 ValueError。",
    hint="A target (N, 1) is compared with everything by broadcasting: look at the shapes first.",
    hint_zh="形状为 (N, 1) 的 target 会因广播而与所有样本逐一比较：先检查形状。",
)
def test_accuracy_refuses_what_does_not_fit(submission, rng):
    """Accuracy raises ValueError when shapes do not fit or there is no sample."""
    for scores, target in [((4, 3), (4, 1)), ((4, 3), (1,)), ((4,), (4,)), ((0, 3), (0,))]:
        with raises(ValueError):
            submission.accuracy(rng.randn(*scores), rng.randint(0, 3, target))
    with raises(ValueError):
        submission.accuracy(rng.randn(4, 3, 2), rng.randint(0, 2, (4, 3)))


@check(
    points=1,
    zh="两个 Meter 互不影响；平均值是张量或 float 都可以。",
    hint="What __init__ sets on self belongs to one Meter; a list in the class belongs to all.",
    hint_zh="__init__ 里赋给 self 的东西属于各自的 Meter；写在类里的列表却是大家共用的。",
)
def test_meters_know_nothing_of_each_other(submission, rng):
    """Two meters that are fed in turn keep apart, and take tensors as well as floats."""
    means, counts = rng.randn(5, dtype=torch.float64), rng.permutation(5) + 1
    expected = [
        ((means * counts).sum() / counts.sum()).item(),
        (-2 * (means * (counts + 1)).sum() / (counts + 1).sum()).item(),
    ]
    values = submission.run(values_of_two_meters, list(means), counts.tolist())
    assert_close(values, expected)


@check(
    points=1,
    zh="Meter 不保留损失的计算图。",
    hint="A loss that is added up as a tensor keeps its graph. Keep its number.",
    hint_zh="把损失当作张量相加，计算图也跟着留下。只留数值。",
)
def test_meter_keeps_no_graphs(submission, rng):
    """Meter keeps the numbers of the losses that it gets and not their graphs."""
    alive = submission.run(graphs_alive, rng.randn(4, 5), rng.randint(0, 3, (4,)))
    assert_equal(alive, 0)


@check(
    points=1,
    zh="还没有样本时取平均，或者一批的样本数小于 1，Meter 抛出 ValueError。",
    hint="There is no mean of nothing; say so instead of dividing by zero.",
    hint_zh="没有样本就没有平均：应当报错，而不是除以零。",
)
def test_meter_refuses_to_average_nothing(submission):
    """Meter raises ValueError for a mean of no samples and for a batch without samples."""
    for n in (None, 0, -2):
        with raises(ValueError):
            submission.run(meter_that_refuses, n)


@check(
    points=2,
    zh="平均只按 loader 实际给出的样本计算，损失用给定的 criterion(output, target)。",
    hint="A loader need not give all samples of its dataset, nor have one: count those that come.",
    hint_zh="loader 不一定给出数据集里的全部样本，甚至不一定有数据集：来了多少，就数多少。",
)
def test_evaluate_counts_the_samples_that_came(submission, rng, device):
    """Loss and accuracy are the means over what the loader has given, with the given criterion."""
    x, y = rng.randn(12, 5, dtype=torch.float64), rng.randint(0, 4, (12,))
    state = {"weight": rng.randn(4, 5, dtype=torch.float64)}
    state["bias"] = rng.randn(4, dtype=torch.float64)
    places = rng.permutation(12)[:8]
    scores = functional.linear(x, **state)
    y[places[:3]] = scores[places[:3]].argmax(
        1
    )  # some are right, or a wrong divisor would not show
    batches = [part.tolist() for part in places.split([4, 1, 3])]
    scores, y_came = scores[places], y[places]
    expected = [
        functional.multi_margin_loss(scores, y_came).item(),
        (scores.argmax(1) == y_came).double().mean().item(),
    ]
    assert_close(submission.run(result_on_places, state, x, y, batches, device), expected * 2)


@check(
    points=2,
    zh="evaluate 不改变任何参数、梯度和 BatchNorm 存下的统计量。",
    hint="In training mode BatchNorm learns from every batch that it sees, even without gradients.",
    hint_zh="处于训练模式的 BatchNorm 见到一批就更新一次统计量，没有梯度也一样。",
)
def test_evaluate_changes_no_values(submission, rng, device):
    """Evaluate changes no parameter, no gradient and nothing that a BatchNorm has stored."""
    state, (x, y) = random_state(rng), random_samples(rng, 10)
    gradients = {name: rng.randn(*value.shape) for name, value in state.items() if value.dim()}
    gradients = {name: value for name, value in gradients.items() if "running" not in name}
    after, kept = submission.run(state_and_gradients, state, gradients, x, y, device)
    for actual, expected in ((after, state), (kept, gradients)):
        assert_equal(sorted(actual), sorted(expected))
        for name, value in expected.items():
            assert_tensor(actual[name], value)


@check(
    points=1,
    zh="评估时不建立计算图。",
    hint="eval() switches layers and nothing else. What tells autograd not to record?",
    hint_zh="eval() 只切换层的行为。是什么告诉 autograd 不要记录？",
)
def test_evaluate_builds_no_graph(submission, rng, device):
    """No graph is built while a model is evaluated."""
    state, (x, y) = random_state(rng), random_samples(rng, 10)
    assert_equal(submission.run(graphs_of_outputs, state, x, y, device), [False] * 3)


@check(
    points=2,
    zh="评估之后，每个模块都回到各自原来的模式，autograd 也照常记录。",
    hint="model.train() switches all modules, also a frozen BatchNorm. Note the mode of each one.",
    hint_zh="model.train() 会切换所有模块，包括冻结的 BatchNorm。要把每个模块的模式分别记下。",
)
def test_every_mode_comes_back(submission, rng, device):
    """After evaluate each module has the mode that it had, and autograd records as before."""
    state, (x, y) = random_state(rng), random_samples(rng, 6)
    after = submission.run(modes_after, state, x, y, ["nothing"], device)
    assert_equal(after, [[True, False, True, True, True], [False, True, False, False, False]])


@check(
    points=2,
    zh="模型、loader 或 criterion 抛出异常，或者没有批次时，模式同样恢复原样。",
    hint="What stands in finally happens in any case. Which line must stand there?",
    hint_zh="finally 里的语句无论如何都会执行。哪些语句该放进去？",
)
def test_every_mode_comes_back_after_an_error(submission, rng, device):
    """The modes come back also when model, loader or criterion has raised, or no batch came."""
    state, (x, y) = random_state(rng), random_samples(rng, 6)
    flaws = ["model", "criterion", "loader", "no batch"]
    after = submission.run(modes_after, state, x, y, flaws, device)
    kept = [[True, False, True, True, True], [False, True, False, False, False]]
    assert_equal(after, kept * len(flaws))


@check(
    points=1,
    zh="loader 一个批次也不给时，evaluate 抛出 ValueError。",
    hint="Of no sample there is neither a mean loss nor an accuracy.",
    hint_zh="一个样本也没有，就谈不上平均损失和正确率。",
)
def test_evaluate_refuses_an_empty_loader(submission, device):
    """Evaluate raises ValueError when the loader gives no batch."""
    with raises(ValueError):
        submission.run(evaluate_nothing, device)


@check(
    points=1,
    zh="evaluate 把每一批的输入和标签都移到指定的设备上。",
    hint="x.to(device) returns the tensor there; x itself stays where it was.",
    hint_zh="x.to(device) 返回移动后的张量，x 本身留在原处。",
)
def test_batches_move_to_the_device(submission, rng, other_device):
    """Evaluate moves the inputs and the targets of each batch to the device."""
    x, y = rng.randn(6, 5), rng.randint(0, 3, (6,))
    seen = submission.on("cpu").run(devices_of_a_batch, x, y, other_device)
    assert_equal(seen, [other_device] * 2)


@check(
    points=2,
    zh="confusion 对任意多的样本和类别都数对，包括没有出现的类别和没有样本的情形。",
    hint="n rows and n columns, whichever classes occur; and every sample counts once.",
    hint_zh="不论出现哪些类别，都是 n 行 n 列；每个样本恰好计一次。",
)
def test_confusion_of_random_classes(submission, rng):
    """Confusion is right for many samples, classes that do not occur, and no samples at all."""
    for n, count in [(4, 60), (7, 5), (1, 3), (3, 0)]:
        pred, target = rng.randint(0, n, (2, count))
        expected = torch.zeros(n, n, dtype=torch.int64)
        for j, i in zip(pred.tolist(), target.tolist(), strict=True):
            expected[i, j] += 1
        assert_tensor(submission.confusion(pred, target, n), expected)


@check(
    points=1,
    zh="长度或维数不合、类别超出 0 到 n - 1 时，confusion 抛出 ValueError。",
    hint="A class of -1 counts from the end, and one of n may land in the next row: look first.",
    hint_zh="类别 -1 会从末尾数起，类别 n 可能落到下一行：先检查。",
)
def test_confusion_refuses_what_does_not_fit(submission):
    """Confusion raises ValueError for unequal shapes and for classes outside 0 ... n - 1."""
    pairs = [([0, 1], [0, 1, 2]), ([2], [0, 1]), ([0, 3], [1, 1]), ([1, 1], [0, 3])]
    pairs += [([0, -1], [1, 1]), ([1, 1], [-1, 0]), ([[0], [1]], [[1], [1]])]
    for pred, target in pairs:
        with raises(ValueError):
            submission.confusion(torch.tensor(pred), torch.tensor(target), 3)
