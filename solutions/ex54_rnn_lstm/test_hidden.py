"""Hidden checks of ex54_rnn_lstm: several layers, both layouts, gradients, padding, training."""

import itertools

import torch
from torch import nn
from torch.nn import functional

from grader.checks import (
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
)


@probe
def cell_gradients(student, cases, probes):
    """Return for each cell its output, and the gradients of all that went in."""
    answers = []
    for (name, tensors), weights in zip(cases, probes, strict=True):
        leaves = [tensor.clone().requires_grad_() for tensor in tensors]
        if name == "lstm_cell":
            x, h, c, *rest = leaves
            output = torch.stack(student.lstm_cell(x, (h, c), *rest))
        else:
            output = getattr(student, name)(*leaves)
        (output * weights).sum().backward()
        answers.append([output, *(leaf.grad for leaf in leaves)])
    return answers


@probe
def cell_outputs(student, cases):
    """Return what each cell makes of views of what is sent, and whether that stayed as it was."""
    answers = []
    for name, tensors in cases:
        views = [t.t().contiguous().t() if t.dim() == 2 else t for t in tensors]
        before = [view.clone() for view in views]
        if name == "lstm_cell":
            output = torch.stack(student.lstm_cell(views[0], tuple(views[1:3]), *views[3:]))
        else:
            output = getattr(student, name)(*views)
        kept = all(torch.equal(*pair) for pair in zip(views, before, strict=True))
        answers.append([output, kept])
    return answers


@probe
def layer_outputs(student, cases):
    """Return output and h_n of MyRNN for each case: its sizes, its state, and its inputs."""
    answers = []
    for sizes, state, inputs in cases:
        layer = student.MyRNN(*sizes[:3], batch_first=sizes[3]).to(inputs[0].dtype)
        layer.load_state_dict(state)
        answers.append(layer(*inputs))
    return answers


@probe
def rnn_gradients(student, sizes, state, inputs, upstream):
    """Return the gradients of a loss of the last step of MyRNN."""
    layer = student.MyRNN(*sizes).to(upstream.dtype)
    layer.load_state_dict(state)
    leaves = [tensor.clone().requires_grad_() for tensor in inputs]
    (layer(*leaves)[0][-1] * upstream).sum().backward()
    parameters = {name: value.grad for name, value in layer.named_parameters()}
    return {"inputs": [leaf.grad for leaf in leaves], "parameters": parameters}


@probe
def output_without_a_state(student, sizes, x):
    """Return the device and dtype of what MyRNN gives without h0."""
    layer = student.MyRNN(*sizes).to(x.device, x.dtype)
    return [[tensor.device.type, tensor.dtype] for tensor in layer(x)]


@probe
def rnn_of(student, sizes, x):
    """Return what MyRNN gives for x."""
    return student.MyRNN(*sizes)(x)


@probe
def repeated(student, sizes, state, classifier, xs):
    """Return what one MyRNN and one RowLSTM say of one batch after the other."""
    layer, model = student.MyRNN(*sizes), student.RowLSTM(*sizes, 3)
    layer.load_state_dict(state)
    model.load_state_dict(classifier)
    return [[layer(x)[1], model(x.transpose(0, 1))] for x in xs]


@probe
def padded_scores(student, sizes, state, x, others, lengths):
    """Return the scores of two batches that differ in their padding, and the gradient of one."""
    model = student.RowLSTM(*sizes).to(x.dtype)
    model.load_state_dict(state)
    x = x.clone().requires_grad_()
    scores = model(x, lengths)
    scores.square().sum().backward()
    return scores, model(others, lengths), x.grad


@probe
def states_after(student, rows, labels, runs):
    """Return the state that each of the runs of train_rows leads to."""
    return [dict(student.train_rows(rows, labels, **run).state_dict()) for run in runs]


@probe
def rows_that_are_shown(student, rows, labels, options):
    """Return for each batch of a training the first number of each of its sequences."""
    seen = []
    forward = student.RowLSTM.forward

    def watched(self, x, *lengths):
        seen.append(x[:, 0, 0].tolist())
        return forward(self, x, *lengths)

    student.RowLSTM.forward = watched
    student.train_rows(rows, labels, **options)
    return seen


@probe
def device_after_training(student, rows, labels):
    """Return where the parameters of a trained model are."""
    model = student.train_rows(rows, labels, classes=3, epochs=1)
    return sorted({parameter.device.type for parameter in model.parameters()})


@probe
def scores_after_training(student, rows, labels, seed):
    """Train a model; then give the scores of sequences that come only now."""
    model = student.train_rows(rows, labels, seed=seed)
    unseen = yield None
    with torch.no_grad():
        return model(unseen)


def random_cells(rng, count):
    """Return for each cell its name, random inputs and weights in float64, and its result."""
    cells = []
    for name, gates, kind in [
        ("rnn_cell", 1, nn.RNNCell),
        ("lstm_cell", 4, nn.LSTMCell),
        ("gru_cell", 3, nn.GRUCell),
    ]:
        d, size = rng.integer(2, 5), rng.integer(5, 8)
        shapes = [(count, d)] + [(count, size)] * (2 if gates == 4 else 1)
        shapes += [(gates * size, d), (gates * size, size), (gates * size,), (gates * size,)]
        tensors = [rng.randn(*shape, dtype=torch.float64).requires_grad_() for shape in shapes]
        cell = kind(d, size, dtype=torch.float64)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = dict(zip(names, tensors[-4:], strict=True))
        inputs = (tensors[0], tuple(tensors[1:3])) if gates == 4 else tuple(tensors[:2])
        result = torch.func.functional_call(cell, weights, inputs)
        result = torch.stack(result) if gates == 4 else result
        cells.append((name, tensors, result))
    return cells


def random_state(rng, module):
    """Return a random state for a module, and load it."""
    state = {
        name: 0.7 * rng.randn(*value.shape, dtype=value.dtype)
        for name, value in module.state_dict().items()
    }
    module.load_state_dict(state)
    return state


def classifier_of(*sizes, dtype=None):
    """Return the two layers of a RowLSTM."""
    inputs, hidden, classes = sizes
    lstm = nn.LSTM(inputs, hidden, batch_first=True, dtype=dtype)
    return nn.ModuleDict({"lstm": lstm, "head": nn.Linear(hidden, classes, dtype=dtype)})


def digits():
    """Return 1437 pictures and 360 others, each with its labels: the same ones every time."""
    from sklearn.datasets import load_digits  # not above: imports travel with the probes

    data = load_digits()
    pictures = torch.tensor(data.images / 16, dtype=torch.float32)
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(3))
    return pictures[order].split([1437, 360]), torch.tensor(data.target)[order].split([1437, 360])


@check(
    points=3,
    zh="三种单元在 float64 下的输出和所有梯度都正确，批量为一或几个都一样。",
    hint="Tensor operations only: no .item(), no .detach(), no new torch.tensor of old numbers.",
    hint_zh="只用张量运算：不要 .item()、.detach()，也不要用旧数重新建 torch.tensor。",
)
def test_gradients_pass_through_the_cells(submission, rng):
    """All three cells give right outputs and gradients in float64, for one sample and several."""
    for count in (1, 4):
        cells = random_cells(rng, count)
        probes = [rng.randn(*result.shape, dtype=torch.float64) for _, _, result in cells]
        cases = [[name, [tensor.detach() for tensor in tensors]] for name, tensors, _ in cells]
        told = submission.run(cell_gradients, cases, probes)
        for answer, (_, tensors, result), weights in zip(told, cells, probes, strict=True):
            slopes = torch.autograd.grad((result * weights).sum(), tensors)
            for value, expected in zip(answer, [result, *slopes], strict=True):
                assert_tensor(value, expected)


@check(
    points=1,
    zh="三种单元能处理不连续的张量和空的批量，并且不改动传入的任何东西。",
    hint="No view and no in-place operation; chunk and split along dim=1 work for 0 rows too.",
    hint_zh="不要用 view，也不要用原地操作；沿 dim=1 的 chunk 和 split 对 0 行也适用。",
)
def test_cells_take_views_and_empty_batches(submission, rng):
    """The cells take tensors that are not contiguous and empty batches, and change nothing."""
    for count in (0, 5):
        cells = random_cells(rng, count)
        cases = [[name, [tensor.detach() for tensor in tensors]] for name, tensors, _ in cells]
        told = submission.run(cell_outputs, cases)
        for (output, kept), (_, _, result) in zip(told, cells, strict=True):
            assert_tensor(output, result)
            assert kept, "something that came in was changed"


@check(
    points=3,
    zh="几层的 MyRNN 在两种布局下、有无 h0 时都与 nn.RNN 一致；h_n 的布局始终不变。",
    hint="Exchange time and batch of x and output, not of h0 and h_n; layer k starts at h0[k].",
    hint_zh="要交换的是 x 和 output 的时间与批量，h0 和 h_n 不动；第 k 层从 h0[k] 开始。",
)
def test_my_rnn_equals_nn_rnn(submission, rng):
    """MyRNN equals nn.RNN with several layers, in both layouts, with and without h0."""
    cases, expected = [], []
    for layers, batch_first, given, n, t in [
        (2, False, True, 3, 5),
        (3, True, False, 4, 6),
        (1, True, True, 1, 4),
        (2, True, True, 2, 1),
    ]:
        layer = nn.RNN(4, 6, layers, batch_first=batch_first, dtype=torch.float64)
        state = random_state(rng, layer)
        x = rng.randn(*((n, t, 4) if batch_first else (t, n, 4)), dtype=torch.float64)
        inputs = [x, rng.randn(layers, n, 6, dtype=torch.float64)] if given else [x]
        cases.append([[4, 6, layers, batch_first], state, inputs])
        expected.append(layer(*inputs))
    told = submission.run(layer_outputs, cases)
    for (output, h_n), (true_output, true_h_n) in zip(told, expected, strict=True):
        assert_tensor(output, true_output)
        assert_tensor(h_n, true_h_n)


@check(
    points=2,
    zh="最后一步的损失对第一步的输入、h0 和各层的所有参数都有正确的梯度。",
    hint="The chain of states must not be cut: no .detach() and no .data between the steps.",
    hint_zh="状态组成的链不能断：各步之间不要 .detach()，也不要 .data。",
)
def test_gradients_reach_the_first_step(submission, rng):
    """A loss of the last step has right gradients for the first one, h0 and every parameter."""
    x = rng.randn(6, 3, 4, dtype=torch.float64)
    h0 = rng.randn(2, 3, 5, dtype=torch.float64)
    layer = nn.RNN(4, 5, 2, dtype=torch.float64)
    state = random_state(rng, layer)
    inputs = [x.clone().requires_grad_(), h0.clone().requires_grad_()]
    upstream = rng.randn(3, 5, dtype=torch.float64)
    (layer(*inputs)[0][-1] * upstream).sum().backward()
    told = submission.run(rnn_gradients, [4, 5, 2], state, [x, h0], upstream)
    for value, leaf in zip(told["inputs"], inputs, strict=True):
        assert_tensor(value, leaf.grad)
    assert_equal(sorted(told["parameters"]), sorted(state))
    for name, parameter in layer.named_parameters():
        assert_tensor(told["parameters"][name], parameter.grad)


@check(
    points=1,
    zh="没有 h0 时，MyRNN 的初始状态与 x 的 dtype 和设备相同。",
    hint="x.new_zeros(...) is of x's kind; torch.zeros(...) is float32 on the CPU.",
    hint_zh="x.new_zeros(...) 沿用 x 的 dtype 和设备；torch.zeros(...) 是 CPU 上的 float32。",
)
def test_first_state_is_of_the_kind_of_x(submission, rng):
    """Without h0, the first state of MyRNN has the dtype and the device of x."""
    x = rng.randn(5, 2, 4, dtype=torch.float64)
    told = submission.on("meta").run(output_without_a_state, [4, 3, 2], x)
    assert_equal(told, [["meta", torch.float64]] * 2)


@check(
    points=1,
    zh="x 不是三维时，MyRNN 抛出 ValueError。",
    hint="Look at x.dim() before anything else.",
    hint_zh="先检查 x.dim()，再做别的。",
)
def test_my_rnn_refuses_what_is_no_batch(submission, rng):
    """MyRNN raises ValueError when x is not 3-d."""
    for shape in [(6, 4), (2, 6, 3, 4)]:
        with raises(ValueError):
            submission.run(rnn_of, [4, 4], rng.randn(*shape))


@check(
    points=2,
    zh="MyRNN 和 RowLSTM 不把状态带到下一次调用：同样的一批数据总得到同样的结果。",
    hint="The state is a local variable of forward; nothing about it is set on self.",
    hint_zh="状态只是 forward 里的局部变量，不要存到 self 上。",
)
def test_nothing_is_kept_between_calls(submission, rng):
    """MyRNN and RowLSTM keep no state: the same batch gives the same result again."""
    layer, model = nn.RNN(4, 5), classifier_of(4, 5, 3)
    state, classifier = random_state(rng, layer), random_state(rng, model)
    xs = [rng.randn(6, 3, 4), rng.randn(6, 3, 4), rng.randn(6, 2, 4)]
    xs += [xs[0]]
    told = submission.run(repeated, [4, 5], state, classifier, xs)
    for (h_n, scores), x in zip(told, xs, strict=True):
        assert_tensor(h_n, layer(x)[1])
        assert_tensor(scores, model["head"](model["lstm"](x.transpose(0, 1))[0][:, -1]))


@check(
    points=1,
    zh="有长度小于 1 或大于 T 时，last_valid 抛出 ValueError。",
    hint="A length of 0 gives the index -1, which PyTorch takes in silence: check it yourself.",
    hint_zh="长度为 0 会得到下标 -1，PyTorch 会默默接受：请自己检查。",
)
def test_last_valid_refuses_impossible_lengths(submission, rng):
    """last_valid raises ValueError when a length is less than 1 or more than T."""
    for lengths in ([3, 0], [1, 5], [-2, 4]):
        with raises(ValueError):
            submission.last_valid(rng.randn(2, 4, 3), torch.tensor(lengths))


@check(
    points=3,
    zh="填充的序列得到最后一个有效步的分数；填充里写什么都不影响分数，也得不到梯度。",
    hint="An LSTM looks back only: take the output at lengths - 1, and nothing behind it counts.",
    hint_zh="LSTM 只往回看。取 lengths - 1 处的输出，后面的内容就不起作用。",
)
def test_padding_has_no_influence(submission, rng):
    """Padded sequences get the scores of their last valid step, whatever the padding holds."""
    n, t, sizes = 5, 7, [4, 6, 3]
    model = classifier_of(*sizes, dtype=torch.float64)
    state = random_state(rng, model)
    lengths = torch.cat([torch.tensor([t, 1]), rng.randint(2, t, (n - 2,))])[rng.permutation(n)]
    x = rng.randn(n, t, 4, dtype=torch.float64)
    padding = (torch.arange(t) >= lengths[:, None])[..., None]
    others = torch.where(padding, 50 * rng.randn(n, t, 4, dtype=torch.float64), x)
    # Each sequence on its own, cut where it ends.
    ends = []
    leaf = x.clone().requires_grad_()
    for sequence, length in zip(leaf, lengths.tolist(), strict=True):
        ends.append(model["lstm"](sequence[None, :length])[0][0, -1])
    scores = model["head"](torch.stack(ends))
    scores.square().sum().backward()
    told = submission.run(padded_scores, sizes, state, x, others, lengths)
    for value, expected in zip(told, [scores, scores, leaf.grad], strict=True):
        assert_tensor(value, expected)


@check(
    points=2,
    zh="每个 epoch 把每个序列恰好用一次，顺序重新抽取，最后一批可以较小。",
    hint="torch.randperm(N) in every epoch, cut with split(batch_size).",
    hint_zh="每个 epoch 都用 torch.randperm(N) 抽一次顺序，再用 split(batch_size) 切开。",
)
def test_every_epoch_shows_every_sequence(submission, rng):
    """Each epoch shows each sequence once, in a new order; the last batch may be smaller."""
    rows, labels = rng.randn(19, 2, 3), rng.randint(0, 3, (19,))
    rows[:, 0, 0] = torch.arange(19.0)
    options = {"hidden_size": 4, "classes": 3, "epochs": 2, "batch_size": 8, "seed": rng.seed()}
    seen = submission.on("cpu").run(rows_that_are_shown, rows, labels, options)
    assert_equal([len(batch) for batch in seen], [8, 8, 3] * 2)
    first, second = (list(itertools.chain(*part)) for part in (seen[:3], seen[3:]))
    assert_equal(sorted(first), rows[:, 0, 0].tolist())
    assert_equal(sorted(second), rows[:, 0, 0].tolist())
    assert first != second, "the same order again"
    assert first != sorted(first), "not shuffled"


@check(
    points=2,
    zh="各步正是学习率为 lr 的 Adam 对平均交叉熵走出的步子。",
    hint="One torch.optim.Adam for all epochs; zero_grad, backward and step for each batch.",
    hint_zh="所有 epoch 共用一个 torch.optim.Adam；每一批依次 zero_grad、backward、step。",
)
def test_training_takes_the_steps_of_adam(submission, rng):
    """The steps are those of Adam with the rate lr, for the mean cross entropy."""
    rows, labels = 2 * rng.randn(24, 4, 3), rng.randint(0, 5, (24,))
    lr = 0.01 + 0.01 * rng.rand(1).item()
    run = {"hidden_size": 6, "classes": 5, "batch_size": 24, "seed": rng.seed()}
    runs = [run | {"epochs": 1, "lr": 0.0}, *(run | {"epochs": k, "lr": lr} for k in (1, 3))]
    start, *states = submission.on("cpu").run(states_after, rows, labels, runs)
    model = classifier_of(3, 6, 5)
    model.load_state_dict(start)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in (1, 2, 3):
        scores = model["head"](model["lstm"](rows)[0][:, -1])
        optimizer.zero_grad()
        functional.cross_entropy(scores, labels).backward()
        optimizer.step()
        if epoch == 2:
            continue
        state = states.pop(0)
        for name, value in model.state_dict().items():
            # Where a gradient is nearly 0, Adam makes a step of the rounding: most must agree.
            near = (state[name] - value).abs() < 0.1 * lr
            assert near.double().mean().item() > 0.9, f"{name} after {epoch} steps"


@check(
    points=1,
    zh="train_rows 在 rows 所在的设备上训练。",
    hint="model.to(rows.device) before the optimizer is made.",
    hint_zh="先 model.to(rows.device)，再创建优化器。",
)
def test_training_stays_on_the_device(submission, rng):
    """train_rows trains on the device of rows."""
    rows, labels = rng.randn(4, 3, 2), rng.randint(0, 3, (4,))
    assert_equal(submission.on("meta").run(device_after_training, rows, labels), ["meta"])


@check(
    points=4,
    zh="训练没有多花时间，而且模型学会了逐行读数字：没见过的数字至少认对 65%。",
    hint="Slow: hand whole batches to nn.LSTM. Not learned: look at batch_first and the optimizer.",
    hint_zh="太慢：把整批数据交给 nn.LSTM。没学会：检查 batch_first 和优化器。",
)
def test_training_is_quick_and_learns(timed, rng):
    """Training takes no longer than it has to, and 65 % of unseen digits are read right."""
    pictures, labels = digits()
    for run in timed:
        # Other names for the digits and another order of the columns: nobody knows the answers.
        names, columns = rng.permutation(10), rng.permutation(8)
        rows, unseen = (part[..., columns] for part in pictures)
        answers, expected = (names[part] for part in labels)
        conversation = run.submission.start(scores_after_training, rows, answers, rng.seed())
        scores = conversation.send(unseen)
        run.samples = 2 * len(rows)
        assert_equal(tuple(scores.shape), (360, 10))
        accuracy = (scores.argmax(1) == expected).double().mean().item()
        assert accuracy >= 0.65, f"{accuracy:.3f} of unseen digits"
