"""Public checks of ex54_rnn_lstm: the three cells, one layer, padding, and the seed."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_equal,
    assert_tensor,
    check,
    module_output,
    probe,
    state_dict,
)


@probe
def trained_states(student, rows, labels, runs):
    """Return for each run of train_rows, with its settings, the state of the model."""
    states = []
    for settings in runs:
        torch.rand(3)  # whoever does not set the seed goes on from here
        states.append(dict(student.train_rows(rows, labels, **settings).state_dict()))
    return states


def random_weights(rng, inputs, hidden, gates):
    """Return W_ih, W_hh, b_ih and b_hh of a cell with so many gates."""
    shapes = [(gates * hidden, inputs), (gates * hidden, hidden), (gates * hidden,)]
    return [rng.randn(*shape) for shape in (*shapes, shapes[2])]


def of_torch(cell, weights):
    """Return PyTorch's cell with these weights."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cell.load_state_dict(dict(zip(names, weights, strict=True)))
    return cell


@check(
    points=1,
    zh="rnn_cell 算出 README 里的数，对随机的批量也与 nn.RNNCell 一致。",
    hint="Two products, two biases, one tanh around all of it; W_ih has the shape (H, D).",
    hint_zh="两个乘积、两个偏置，外面整个套一层 tanh；W_ih 的形状是 (H, D)。",
)
def test_rnn_cell_makes_a_step(submission, rng):
    """rnn_cell gives the number of the README, and what nn.RNNCell gives for random batches."""
    one = [torch.tensor(value) for value in ([[1.0]], [[0.5]], [[0.8]], [[-0.6]], [0.3], [-0.2])]
    assert_tensor(submission.rnn_cell(*one), torch.tensor([[0.6]]).tanh())
    weights = random_weights(rng, 4, 3, 1)
    x, h = rng.randn(5, 4), rng.randn(5, 3)
    expected = of_torch(nn.RNNCell(4, 3), weights)(x, h)
    assert_tensor(submission.rnn_cell(x, h, *weights), expected)


@check(
    points=2,
    zh="lstm_cell 返回的 (h, c) 与 nn.LSTMCell 一致。",
    hint="Cut into four blocks of H columns: i, f, g, o. Only g has a tanh; c comes before h.",
    hint_zh="切成四块，每块 H 列：i、f、g、o。只有 g 用 tanh；要先算 c，再算 h。",
)
def test_lstm_cell_makes_a_step(submission, rng):
    """lstm_cell returns the (h, c) of nn.LSTMCell."""
    weights = random_weights(rng, 4, 3, 4)
    x, h, c = rng.randn(5, 4), rng.randn(5, 3), rng.randn(5, 3)
    told = submission.lstm_cell(x, (h, c), *weights)
    assert_equal((type(told), len(told)), (tuple, 2))
    for value, expected in zip(told, of_torch(nn.LSTMCell(4, 3), weights)(x, (h, c)), strict=True):
        assert_tensor(value, expected)


@check(
    points=2,
    zh="gru_cell 与 nn.GRUCell 一致。",
    hint="Blocks r, z, n. In n, r multiplies what comes from h, bias included; z keeps the old h.",
    hint_zh="三块依次是 r、z、n。在 n 里，r 乘的是来自 h 的那部分（连同偏置）；z 保留旧状态。",
)
def test_gru_cell_makes_a_step(submission, rng):
    """gru_cell returns the state of nn.GRUCell."""
    weights = random_weights(rng, 4, 3, 3)
    x, h = rng.randn(5, 4), rng.randn(5, 3)
    W_ih, W_hh, b_ih, b_hh = weights
    a, b = (x @ W_ih.T + b_ih).split(3, 1), (h @ W_hh.T + b_hh).split(3, 1)
    r, z = (a[0] + b[0]).sigmoid(), (a[1] + b[1]).sigmoid()
    n = (a[2] + (r * h) @ W_hh[6:].T + b_hh[6:]).tanh()
    early = Mistake(
        (1 - z) * n + z * h,
        en="Here the reset gate multiplies the state before the matrix. PyTorch multiplies what "
        "the matrix and its bias have made of the state.",
        zh="这里的重置门在乘矩阵之前就乘到了状态上。PyTorch 是先用矩阵和偏置算完，再乘重置门。",
    )
    n = (a[2] + r * b[2]).tanh()
    turned = Mistake(
        z * n + (1 - z) * h,
        en="The two shares are exchanged: in PyTorch z is the share of the old state.",
        zh="两个比例弄反了：在 PyTorch 里，z 是旧状态所占的比例。",
    )
    expected = of_torch(nn.GRUCell(4, 3), weights)(x, h)
    assert_tensor(submission.gru_cell(x, h, *weights), expected, mistakes=[early, turned])


@check(
    points=1,
    zh="MyRNN 的参数与 nn.RNN 同名、同形状，有几层就有几组。",
    hint="self.register_parameter(f'weight_ih_l{k}', ...); above layer 0 the input has H features.",
    hint_zh="self.register_parameter(f'weight_ih_l{k}', ...)；第 0 层以上，输入有 H 个特征。",
)
def test_my_rnn_has_the_parameters_of_nn_rnn(submission):
    """MyRNN has the parameters of nn.RNN by name and shape, one set for each layer."""
    state = submission.run(state_dict, "MyRNN", [5, 7, 2])
    expected = {name: tuple(value.shape) for name, value in nn.RNN(5, 7, 2).state_dict().items()}
    assert_equal({name: tuple(value.shape) for name, value in state.items()}, expected)


@check(
    points=1,
    zh="单层的 MyRNN 对 (T, N, D) 的输入给出与 nn.RNN 相同的 output 和 h_n。",
    hint="Start from zeros, feed each state into the next step, and keep them all for output.",
    hint_zh="从全零开始，每一步的状态交给下一步，同时全部留下，作为 output。",
)
def test_my_rnn_unrolls_the_cell(submission, rng):
    """MyRNN with one layer gives output and h_n of nn.RNN for an input (T, N, D)."""
    layer, x = nn.RNN(4, 6), rng.randn(5, 3, 4)
    state = {name: rng.randn(*value.shape) for name, value in layer.state_dict().items()}
    layer.load_state_dict(state)
    output, h_n = submission.run(module_output, "MyRNN", [4, 6], [x], state)
    expected = layer(x)
    assert_tensor(output, expected[0])
    assert_tensor(h_n, expected[1])


@check(
    points=1,
    zh="last_valid 为每个序列取出最后一个有效步的输出。",
    hint="One index for each sequence: its own number, and lengths - 1.",
    hint_zh="每个序列要两个下标：它自己的编号，以及 lengths - 1。",
)
def test_last_valid_takes_each_sequence_to_its_end(submission):
    """last_valid takes from each sequence the output of its last valid step."""
    output = torch.arange(24.0).view(2, 4, 3)
    told = submission.last_valid(output, torch.tensor([4, 2]))
    expected = torch.tensor([[9.0, 10, 11], [15, 16, 17]])
    assert_tensor(told, expected)


@check(
    points=2,
    zh="RowLSTM 由 lstm 和 head 组成，分数来自最后一步的输出。",
    hint="nn.LSTM reads (T, N, D) unless told batch_first=True; output[:, -1] is the last step.",
    hint_zh="不写 batch_first=True，nn.LSTM 就按 (T, N, D) 读；output[:, -1] 是最后一步。",
)
def test_row_lstm_scores_the_last_step(submission, rng):
    """RowLSTM consists of lstm and head and gives the scores of the last step."""
    model = nn.ModuleDict({"lstm": nn.LSTM(4, 5, batch_first=True), "head": nn.Linear(5, 3)})
    state = {name: rng.randn(*value.shape) for name, value in model.state_dict().items()}
    model.load_state_dict(state)
    own = submission.run(state_dict, "RowLSTM", [4, 5, 3])
    assert_equal(sorted(own), sorted(state))
    x = rng.randn(6, 7, 4)
    expected = model["head"](model["lstm"](x)[0][:, -1])
    assert_tensor(submission.run(module_output, "RowLSTM", [4, 5, 3], [x], state), expected)


@check(
    points=1,
    zh="设置和种子相同（或都省略）时，train_rows 得到同一个模型；种子不同时得到另一个。",
    hint="torch.manual_seed(seed) before the model is made, and nothing drawn before that.",
    hint_zh="在创建模型之前调用 torch.manual_seed(seed)，此前不要抽随机数。",
)
def test_same_seed_trains_the_same_model(submission, rng):
    """train_rows makes one model of the same settings, given or left out; another seed, another."""
    rows, labels = rng.randn(130, 2, 3), rng.randint(0, 10, (130,))
    settings = {"hidden_size": 32, "classes": 10, "epochs": 2, "batch_size": 64, "lr": 0.03}
    runs = [settings | {"seed": 0}, settings | {"seed": 1 + rng.seed()}, {}]
    first, other, again = submission.on("cpu").run(trained_states, rows, labels, runs)
    assert_equal(len(first), 6)
    for name, value in first.items():
        assert_tensor(again[name], value)
    assert not torch.allclose(first["head.weight"], other["head.weight"], atol=0.01)
