"""Hidden checks of ex55_transformer: masks of every kind, gradients, padding, training."""

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
    train_then_predict,
)


@probe
def attention_gradients(student, cases):
    """Return output, weights and the gradients of q, k, v and a mask of numbers, for each case."""
    answers = []
    for tensors, mask, upstream in cases:
        # Transposed in memory, as they come from a split into heads.
        leaves = [t.mT.contiguous().mT.requires_grad_() for t in tensors]
        if mask is not None and mask.is_floating_point():
            leaves.append(mask.clone().requires_grad_())
        output, weights = student.attention(*leaves[:3], leaves[3] if leaves[3:] else mask)
        ((output * upstream[0]).sum() + (weights * upstream[1]).sum()).backward()
        answers.append([output, weights, *(leaf.grad for leaf in leaves)])
    return answers


@probe
def kinds_of_results(student, q, v, lengths):
    """Return device and dtype of masks and of attention."""
    mask = student.make_mask(lengths, v.shape[-2], causal=True)
    results = [mask, *student.attention(q, q, v, mask[:, 0])]
    return [[tensor.device.type, tensor.dtype] for tensor in results]


@probe
def made_masks(student, cases):
    """Return the mask for each case: lengths, steps, causal."""
    return [student.make_mask(lengths, t, causal=causal) for lengths, t, causal in cases]


@probe
def head_outputs(student, cases):
    """Return what MultiHead gives for each case: its sizes, its state, an input, a mask."""
    answers = []
    for sizes, state, x, mask in cases:
        layer = student.MultiHead(*sizes).to(x.dtype)
        layer.load_state_dict(state)
        answers.append(layer(x, mask))
    return answers


@probe
def multi_head(student, dim, heads):
    """Make a MultiHead."""
    student.MultiHead(dim, heads)


@probe
def layer_gradients(student, sizes, state, x, mask, upstream):
    """Return the output of EncoderLayer, and the gradients of its input and its parameters."""
    layer = student.EncoderLayer(*sizes).to(x.dtype)
    layer.load_state_dict(state)
    x = x.clone().requires_grad_()
    output = layer(x, mask)
    (output * upstream).sum().backward()
    return output, x.grad, {name: value.grad for name, value in layer.named_parameters()}


@probe
def row_scores(student, sizes, state, batches):
    """Return the scores of RowTransformer for each batch: sequences and their lengths."""
    model = student.RowTransformer(*sizes).to(batches[0][0].dtype)
    model.load_state_dict(state)
    return [model(x, lengths) for x, lengths in batches]


@probe
def row_gradients(student, sizes, state, x, lengths):
    """Return the gradient of the input of RowTransformer."""
    model = student.RowTransformer(*sizes).to(x.dtype)
    model.load_state_dict(state)
    x = x.clone().requires_grad_()
    model(x, lengths).square().sum().backward()
    return x.grad


@probe
def too_many_steps(student, sizes, x):
    """Ask RowTransformer for the scores of x."""
    student.RowTransformer(*sizes)(x)


@probe
def states_after(student, rows, labels, runs):
    """Return the state that each of the runs of train_rows leads to."""
    return [dict(student.train_rows(rows, labels, **run).state_dict()) for run in runs]


@probe
def rows_that_are_shown(student, rows, labels, options):
    """Return for each batch of a training the first number of each of its sequences."""
    seen = []
    forward = student.RowTransformer.forward

    def watched(self, x, *lengths):
        seen.append(x[:, 0, 0].tolist())
        return forward(self, x, *lengths)

    student.RowTransformer.forward = watched
    student.train_rows(rows, labels, **options)
    return seen


@probe
def device_after_training(student, rows, labels):
    """Return where the parameters of a trained model are."""
    model = student.train_rows(rows, labels, classes=3, epochs=1)
    return sorted({parameter.device.type for parameter in model.parameters()})


def attended(q, k, v, mask):
    """Return output and weights; rows that may look nowhere are 0."""
    unit = torch.eye(k.shape[-2], dtype=q.dtype).expand(*k.shape[:-1], k.shape[-2])
    if mask is None:
        allowed = torch.ones(*q.shape[:-1], k.shape[-2], dtype=torch.bool)
    else:
        allowed = mask if mask.dtype == torch.bool else mask.detach() > -torch.inf
        allowed = allowed.expand(*q.shape[:-1], k.shape[-2])
    alive = allowed.any(-1, keepdim=True)
    bias = 0 if mask is None or mask.dtype == torch.bool else mask
    scores = q @ k.mT * q.shape[-1] ** -0.5 + bias
    # Where all is forbidden, any finite row will do: it is taken away again.
    scores = torch.where(allowed, scores, -torch.inf).masked_fill(~alive, 0.0)
    weights = torch.where(alive, scores.softmax(-1), 0.0)
    return weights @ v, weights @ unit


def random_state(rng, module):
    """Return a random state for a module, and load it."""
    state = {
        name: 0.6 * rng.randn(*value.shape, dtype=value.dtype)
        for name, value in module.state_dict().items()
    }
    module.load_state_dict(state)
    return state


class Classifier(nn.Module):
    """What RowTransformer does with one sequence without padding, by PyTorch's own layer."""

    def __init__(self, features, dim, heads, hidden, steps, classes, dtype):
        super().__init__()
        options = {"dropout": 0.0, "batch_first": True, "dtype": dtype}
        self.embed = nn.Linear(features, dim, dtype=dtype)
        self.position = nn.Parameter(torch.zeros(steps, dim, dtype=dtype))
        self.layer = nn.TransformerEncoderLayer(dim, heads, hidden, **options)
        self.head = nn.Linear(dim, classes, dtype=dtype)

    def forward(self, x):
        """Return the scores of a batch of sequences of one length."""
        states = self.layer(self.embed(x) + self.position[: x.shape[1]])
        return self.head(states.mean(dim=1))


def digits():
    """Return 1437 pictures and 360 others, each with its labels: the same ones every time."""
    from sklearn.datasets import load_digits  # not above: imports travel with the probes

    data = load_digits()
    pictures = torch.tensor(data.images / 16, dtype=torch.float32)
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(3))
    return pictures[order].split([1437, 360]), torch.tensor(data.target)[order].split([1437, 360])


@check(
    points=3,
    zh="不论批量有几维、有多长，attention 的输出和梯度都正确，包括 float64 和不连续的张量。",
    hint="Use the last two dimensions by negative numbers; sqrt(d) is the size of a query, not T.",
    hint_zh="用负数下标指最后两维；sqrt(d) 里的 d 是一个查询的大小，不是 T。",
)
def test_gradients_pass_through_attention(submission, rng):
    """attention gives right results and gradients for any dimensions before the last two."""
    cases, expected = [], []
    for before, t, s, d, e, kind in [
        ((), 3, 5, 2, 4, "none"),
        ((2,), 1, 1, 5, 3, "bools"),
        ((2, 3), 4, 6, 3, 2, "bools"),
        ((2, 3), 5, 4, 1, 3, "numbers"),
        ((3,), 0, 2, 3, 4, "none"),
    ]:
        shapes = [(*before, t, d), (*before, s, d), (*before, s, e)]
        tensors = [rng.randn(*shape, dtype=torch.float64) for shape in shapes]
        mask = None
        if kind == "bools":
            mask = rng.rand(t, s) < 0.6
            mask[:, 0] = True
        elif kind == "numbers":
            mask = rng.randn(*before[:1], 1, t, s, dtype=torch.float64)
        upstream = [rng.randn(*before, t, size, dtype=torch.float64) for size in (e, s)]
        leaves = [tensor.clone().requires_grad_() for tensor in tensors]
        own = mask
        if kind == "numbers":
            own = mask.clone().requires_grad_()
            leaves.append(own)
        output, weights = attended(*leaves[:3], own)
        total = (output * upstream[0]).sum() + (weights * upstream[1]).sum()
        expected.append([output, weights, *torch.autograd.grad(total, leaves)])
        cases.append([tensors, mask, upstream])
    told = submission.run(attention_gradients, cases)
    for answer, values in zip(told, expected, strict=True):
        assert_equal(len(answer), len(values))
        for value, wanted in zip(answer, values, strict=True):
            assert_tensor(value, wanted)


@check(
    points=3,
    zh="查询什么都不许看时，它的权重、输出和传来的梯度都是 0，布尔掩码和数值掩码都如此。",
    hint="A softmax of -inf alone is nan, and so is its gradient: keep such rows out of it.",
    hint_zh="一整行都是 -inf 的 softmax 得到 nan，梯度也是 nan：不要让这样的行进入 softmax。",
)
def test_rows_that_may_look_nowhere_are_zero(submission, rng):
    """A query that may look nowhere has weights, output and gradients of 0, for both masks."""
    tensors = [rng.randn(2, size, 3, dtype=torch.float64) for size in (4, 5, 5)]
    bools = rng.rand(2, 4, 5) < 0.5
    bools[..., 2] = True
    bools[0, 1] = bools[1, 3] = False
    numbers = torch.where(bools, rng.randn(2, 4, 5, dtype=torch.float64), -torch.inf)
    cases, expected = [], []
    for mask in (bools, numbers):
        upstream = [rng.randn(2, 4, size, dtype=torch.float64) for size in (3, 5)]
        leaves = [tensor.clone().requires_grad_() for tensor in tensors]
        output, weights = attended(*leaves, mask)
        total = (output * upstream[0]).sum() + (weights * upstream[1]).sum()
        expected.append([output, weights, *torch.autograd.grad(total, leaves)])
        cases.append([tensors, mask, upstream])
    told = submission.run(attention_gradients, cases)
    for answer, values in zip(told, expected, strict=True):
        for value, wanted in zip(answer[:5], values, strict=True):
            assert_tensor(value, wanted)


@check(
    points=1,
    zh="掩码和结果都在输入所在的设备上，dtype 也正确。",
    hint="torch.arange(steps, device=lengths.device); float masks by new_zeros or zeros_like.",
    hint_zh="torch.arange(steps, device=lengths.device)；数值掩码用 new_zeros 或 zeros_like 建。",
)
def test_masks_and_results_stay_on_the_device(submission, rng):
    """Masks and results are on the device of what came in, and of the right dtype."""
    q, v = rng.randn(2, 4, 3, dtype=torch.float64), rng.randn(2, 4, 5, dtype=torch.float64)
    told = submission.on("meta").run(kinds_of_results, q, v, torch.tensor([4, 2]))
    assert_equal(told, [["meta", kind] for kind in (torch.bool, torch.float64, torch.float64)])


@check(
    points=1,
    zh="对各种长度（包括 0 和 steps）、各种步数，make_mask 都正确。",
    hint="Only the key decides about padding; only with causal=True does the query matter.",
    hint_zh="是否填充只看键；只有 causal=True 时才与查询有关。",
)
def test_make_mask_for_all_lengths(submission, rng):
    """make_mask is right for all lengths, from 0 to steps, with and without causal."""
    cases, expected = [], []
    for n, t in [(1, 1), (4, 6), (3, 2)]:
        for causal in (False, True):
            lengths = torch.cat([torch.tensor([0, t]), rng.randint(0, t + 1, (n,))])[:n]
            i, j = torch.arange(t)[:, None], torch.arange(t)
            mask = (j < lengths[:, None, None]).expand(n, t, t)
            expected.append((mask & (j <= i) if causal else mask)[:, None])
            cases.append([lengths, t, causal])
    for value, wanted in zip(submission.run(made_masks, cases), expected, strict=True):
        assert_tensor(value, wanted)


@check(
    points=3,
    zh="有填充、因果、两者兼有或数值掩码时，MultiHead 都正确，一个头或几个头都行。",
    hint="Every head follows the same mask: it broadcasts over the dimension of the heads.",
    hint_zh="每个头都用同一个掩码：它沿头的那一维广播。",
)
def test_multi_head_follows_masks(submission, rng):
    """MultiHead is right with padding, causal masks, both, and masks of numbers."""
    cases, expected = [], []
    for n, t, dim, heads, kind in [
        (3, 5, 8, 4, "padding"),
        (2, 4, 6, 1, "causal"),
        (1, 6, 9, 3, "both"),
        (2, 1, 4, 2, "none"),
        (2, 3, 10, 2, "numbers"),
        (2, 3, 4, 4, "each head"),
    ]:
        layer = nn.MultiheadAttention(dim, heads, batch_first=True, dtype=torch.float64)
        state = random_state(rng, layer)
        x = rng.randn(n, t, dim, dtype=torch.float64)
        mask = torch.ones(n, 1, t, t, dtype=torch.bool)
        if kind in ("padding", "both"):
            mask = (torch.arange(t) < rng.randint(1, t, (n,))[:, None])[:, None, None]
        if kind in ("causal", "both"):
            mask = mask & torch.ones(t, t, dtype=torch.bool).tril()
        if kind == "numbers":
            mask = rng.randn(t, t, dtype=torch.float64)
        if kind == "each head":
            mask = rng.randn(n, heads, t, t, dtype=torch.float64)
        theirs = mask.expand(n, heads, t, t).reshape(n * heads, t, t)
        theirs = ~theirs if theirs.dtype == torch.bool else theirs  # there True means: not
        cases.append([[dim, heads], state, x, None if kind == "none" else mask])
        expected.append(layer(x, x, x, attn_mask=theirs))
    told = submission.run(head_outputs, cases)
    for answer, values in zip(told, expected, strict=True):
        for value, wanted in zip(answer, values, strict=True):
            assert_tensor(value, wanted)


@check(
    points=1,
    zh="头数除不尽 dim 时，MultiHead 抛出 ValueError。",
    hint="Look at dim % heads before the parameters are made.",
    hint_zh="创建参数之前先看 dim % heads。",
)
def test_multi_head_refuses_uneven_shares(submission):
    """MultiHead raises ValueError when heads does not divide dim."""
    for dim, heads in [(10, 4), (3, 6)]:
        with raises(ValueError):
            submission.run(multi_head, dim, heads)


@check(
    points=3,
    zh="EncoderLayer 在 float64、有掩码时输出正确，输入和所有参数都得到正确的梯度。",
    hint="The mask goes on to self_attn; each sum starts from what stood before that part.",
    hint_zh="掩码要传给 self_attn；每次相加，加的都是进入那一部分之前的值。",
)
def test_gradients_pass_through_the_layer(submission, rng):
    """EncoderLayer is right with a mask, and its input and parameters get right gradients."""
    layer = nn.TransformerEncoderLayer(6, 3, 7, dropout=0.0, batch_first=True, dtype=torch.float64)
    state = random_state(rng, layer)
    x, upstream = (rng.randn(2, 5, 6, dtype=torch.float64) for _ in range(2))
    mask = torch.ones(5, 5, dtype=torch.bool).tril()
    leaf = x.clone().requires_grad_()
    output = layer(leaf, src_mask=~mask)
    (output * upstream).sum().backward()
    told = submission.run(layer_gradients, [6, 3, 7], state, x, mask, upstream)
    assert_tensor(told[0], output)
    assert_tensor(told[1], leaf.grad)
    assert_equal(sorted(told[2]), sorted(state))
    for name, parameter in layer.named_parameters():
        assert_tensor(told[2][name], parameter.grad)


@check(
    points=3,
    zh="RowTransformer 的分数只取决于有效的步和它们的位置，与填充里的内容无关。",
    hint="Padding needs two things: a mask for the layer, and a mean over the valid steps alone.",
    hint_zh="处理填充要做两件事：给 layer 一个掩码，并且只对有效的步求平均。",
)
def test_padding_has_no_influence(submission, rng):
    """The scores of RowTransformer come from the valid steps and their positions alone."""
    n, t, sizes = 4, 6, [3, 8, 2, 5, 7, 4]
    model = Classifier(*sizes, dtype=torch.float64)
    state = random_state(rng, model)
    lengths = torch.cat([torch.tensor([t, 1]), rng.randint(2, t, (n - 2,))])[rng.permutation(n)]
    x = rng.randn(n, t, 3, dtype=torch.float64)
    padding = (torch.arange(t) >= lengths[:, None])[..., None]
    others = torch.where(padding, 50 * rng.randn(n, t, 3, dtype=torch.float64), x)
    leaf = x.clone().requires_grad_()
    # Each sequence on its own, cut where it ends.
    pairs = zip(leaf, lengths.tolist(), strict=True)
    expected = torch.cat([model(sequence[None, :length]) for sequence, length in pairs])
    single = rng.randn(1, 7, 3, dtype=torch.float64)
    step = single[:, :1]
    batches = [
        [x, lengths],
        [others, lengths],
        [x, None],
        [single, None],
        [step, torch.ones(1).long()],
    ]
    told = submission.run(row_scores, sizes, state, batches)
    wanted = [expected, expected, model(x), model(single), model(step)]
    for value, scores in zip(told, wanted, strict=True):
        assert_tensor(value, scores)
    expected.square().sum().backward()
    assert_tensor(submission.run(row_gradients, sizes, state, x, lengths), leaf.grad)


@check(
    points=1,
    zh="步数多于位置时，RowTransformer 抛出 ValueError。",
    hint="Compare x.shape[1] with len(self.position); a position for one step would broadcast.",
    hint_zh="比较 x.shape[1] 与 len(self.position)；只有一个位置时会自动广播，不报错。",
)
def test_row_transformer_refuses_too_many_steps(submission, rng):
    """RowTransformer raises ValueError when there are more steps than positions."""
    for steps, t in [(4, 5), (1, 3)]:
        with raises(ValueError):
            submission.run(too_many_steps, [3, 4, 2, 5, steps, 2], rng.randn(2, t, 3))


@check(
    points=1,
    zh="每个 epoch 把每个序列恰好用一次，顺序重新抽取，最后一批可以较小。",
    hint="torch.randperm(N) in every epoch, cut with split(batch_size).",
    hint_zh="每个 epoch 都用 torch.randperm(N) 抽一次顺序，再用 split(batch_size) 切开。",
)
def test_every_epoch_shows_every_sequence(submission, rng):
    """Each epoch shows each sequence once, in a new order; the last batch may be smaller."""
    rows, labels = rng.randn(19, 2, 3), rng.randint(0, 3, (19,))
    rows[:, 0, 0] = torch.arange(19.0)
    options = {"dim": 4, "hidden": 3, "classes": 3, "epochs": 2, "batch_size": 8}
    options["seed"] = rng.seed()
    seen = submission.on("cpu").run(rows_that_are_shown, rows, labels, options)
    assert_equal([len(batch) for batch in seen], [8, 8, 3] * 2)
    first, second = (list(itertools.chain(*part)) for part in (seen[:3], seen[3:]))
    assert_equal(sorted(first), rows[:, 0, 0].tolist())
    assert_equal(sorted(second), rows[:, 0, 0].tolist())
    assert first != second, "the same order again"
    assert first != sorted(first), "not shuffled"


@check(
    points=2,
    zh="各步正是学习率为 lr 的 Adam 对平均交叉熵走出的步子，模型的尺寸也正是要求的。",
    hint="One torch.optim.Adam for all epochs; zero_grad, backward and step for each batch.",
    hint_zh="所有 epoch 共用一个 torch.optim.Adam；每一批依次 zero_grad、backward、step。",
)
def test_training_takes_the_steps_of_adam(submission, rng):
    """The steps are those of Adam with the rate lr, for a model of the sizes asked for."""
    rows, labels = 2 * rng.randn(24, 4, 3), rng.randint(0, 5, (24,))
    lr = 0.01 + 0.01 * rng.rand(1).item()
    run = {"dim": 6, "heads": 3, "hidden": 7, "classes": 5, "batch_size": 24, "seed": rng.seed()}
    runs = [run | {"epochs": 1, "lr": 0.0}, *(run | {"epochs": k, "lr": lr} for k in (1, 10))]
    start, *states = submission.on("cpu").run(states_after, rows, labels, runs)
    model = Classifier(3, 6, 3, 7, 4, 5, dtype=torch.float32)
    model.load_state_dict(start)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(1, 11):
        optimizer.zero_grad()
        functional.cross_entropy(model(rows), labels).backward()
        optimizer.step()
        if 1 < epoch < 10:
            continue
        state = states.pop(0)
        for name, value in model.state_dict().items():
            # Where a gradient is nearly 0, Adam makes a step of the rounding: most must agree.
            near = ((state[name] - value).abs() < 0.1 * lr).double()
            if name == "layer.self_attn.in_proj_bias":  # that of the keys changes nothing at all
                near = near.view(3, -1)[[0, 2]]
            assert near.mean().item() > 0.9, f"{name} after {epoch} steps"


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
    points=2,
    zh="训练之后，模型学会了逐行读数字：没见过的数字至少认对 50%。",
    hint="The steps must be told apart (position), and every part must receive gradients.",
    hint_zh="各步要能区分开来（position），每个部分都要得到梯度。",
)
def test_trained_model_reads_new_digits(submission, rng):
    """After the training, 50 % of unseen digits are read right."""
    pictures, labels = digits()
    # Other names for the digits and another order of the columns: nobody knows the answers.
    names, columns = rng.permutation(10), rng.permutation(8)
    rows, unseen = (part[..., columns] for part in pictures)
    answers, expected = (names[part] for part in labels)
    conversation = submission.start(train_then_predict, "train_rows", [rows, answers])
    scores = conversation.send([unseen])
    assert_equal(tuple(scores.shape), (360, 10))
    accuracy = (scores.argmax(1) == expected).double().mean().item()
    assert accuracy >= 0.5, f"{accuracy:.3f} of unseen digits"
