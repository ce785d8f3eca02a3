"""Public checks of ex55_transformer: attention, masks, the layers beside PyTorch's, the seed."""

import math

import torch
from torch import nn
from torch.nn import functional

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


def random_state(rng, module):
    """Return a random state for a module, and load it."""
    state = {name: rng.randn(*value.shape) for name, value in module.state_dict().items()}
    module.load_state_dict(state)
    return state


def shapes_of(state):
    """Return the shape of each tensor of a state."""
    return {name: tuple(value.shape) for name, value in state.items()}


@check(
    points=1,
    zh="attention 对 README 的例子算出正确的权重和输出，各行权重之和为 1。",
    hint="softmax(q k^T / sqrt(d)) along the last dimension, the keys; then @ v.",
    hint_zh="沿最后一维（键的方向）做 softmax(q k^T / sqrt(d))，再 @ v。",
)
def test_attention_on_the_numbers_of_the_readme(submission):
    """attention gives the weights and the output of the README; each row of weights sums to 1."""
    q = torch.tensor([[2.0, 0, 0, 0], [0, 0, 0, 0]])
    k = torch.tensor([[math.log(3.0), 5, 5, 5], [0, 9, 9, 9]])
    v = torch.tensor([[4.0, 0, 8], [0, 4, 0]])
    output, weights = submission.attention(q, k, v)
    scores = q @ k.t()
    mistakes = [
        Mistake(
            scores.softmax(-1),
            en="These are the weights without the division by sqrt(d).",
            zh="这是没有除以 sqrt(d) 的权重。",
        ),
        Mistake(
            (scores / 2).softmax(-2),
            en="These weights sum to 1 over the queries. Each query shares 1 among the keys.",
            zh="这些权重沿查询的方向求和为 1。应该是每个查询把 1 分给各个键。",
        ),
    ]
    expected = torch.tensor([[0.75, 0.25], [0.5, 0.5]])
    assert_tensor(weights, expected, mistakes=mistakes)
    assert_tensor(output, torch.tensor([[3.0, 1, 6], [2, 2, 4]]))


@check(
    points=2,
    zh="有无掩码，attention 都与 PyTorch 的一致：布尔掩码 True 表示可以看，数值掩码相加。",
    hint="Bools: -inf where False, by masked_fill(~mask, ...). Numbers: add them. Before softmax.",
    hint_zh="布尔：用 masked_fill(~mask, ...) 在 False 处填 -inf；数值：相加。都在 softmax 之前。",
)
def test_attention_follows_masks(submission, rng):
    """attention equals PyTorch's without a mask, with one of bools (True: look), and of numbers."""
    q, k, v = rng.randn(2, 3, 4), rng.randn(2, 5, 4), rng.randn(2, 5, 6)
    bools = rng.rand(2, 3, 5) < 0.5
    bools[..., 1], bools[..., 3] = True, False  # every query may look at one, and not at another
    for mask in (None, bools, rng.randn(3, 5)):
        output, weights = submission.attention(q, k, v, mask)
        expected = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        assert_tensor(output, expected)
        # With the unit vectors as values, the output is the weights.
        unit = torch.eye(5).expand(2, 5, 5)
        expected = functional.scaled_dot_product_attention(q, k, unit, attn_mask=mask)
        assert_tensor(weights, expected)


@check(
    points=1,
    zh="make_mask 把填充设为 False；causal=True 时，后面的步也是 False。",
    hint="torch.arange(steps) < lengths[:, None] is (N, steps): the keys. Then add two dimensions.",
    hint_zh="torch.arange(steps) < lengths[:, None] 是 (N, steps)，对应键；再加两个维度。",
)
def test_make_mask_shows_who_may_look_at_whom(submission):
    """make_mask is False for padding, and with causal=True for what comes later as well."""
    lengths = torch.tensor([3, 2])
    expected = torch.tensor([[1, 1, 1], [1, 1, 0]], dtype=torch.bool)
    expected = expected[:, None, None].expand(2, 1, 3, 3)
    assert_tensor(submission.make_mask(lengths, 3), expected)
    expected = torch.tensor(
        [[[1, 0, 0], [1, 1, 0], [1, 1, 1]], [[1, 0, 0], [1, 1, 0], [1, 1, 0]]], dtype=torch.bool
    )
    assert_tensor(submission.make_mask(lengths, 3, causal=True), expected[:, None])


@check(
    points=1,
    zh="MultiHead 的参数与 nn.MultiheadAttention 同名、同形状。",
    hint="in_proj_weight and in_proj_bias are parameters of their own; out_proj is an nn.Linear.",
    hint_zh="in_proj_weight 和 in_proj_bias 是单独的参数；out_proj 是一个 nn.Linear。",
)
def test_multi_head_has_the_parameters_of_torch(submission):
    """MultiHead has the parameters of nn.MultiheadAttention by name and shape."""
    expected = nn.MultiheadAttention(12, 3).state_dict()
    assert_equal(shapes_of(submission.run(state_dict, "MultiHead", [12, 3])), shapes_of(expected))


@check(
    points=2,
    zh="MultiHead 的输出和平均权重与 nn.MultiheadAttention 一致。",
    hint="(N, T, dim) -> (N, T, heads, d) -> (N, heads, T, d): first divide, then exchange.",
    hint_zh="(N, T, dim) -> (N, T, heads, d) -> (N, heads, T, d)：先拆分，再交换维度。",
)
def test_multi_head_equals_torch(submission, rng):
    """MultiHead gives the output and the mean weights of nn.MultiheadAttention."""
    layer, x = nn.MultiheadAttention(12, 3, batch_first=True), rng.randn(2, 5, 12)
    state = random_state(rng, layer)
    output, weights = submission.run(module_output, "MultiHead", [12, 3], [x], state)
    expected = layer(x, x, x)
    assert_tensor(output, expected[0], rtol=1e-4, atol=1e-4)
    assert_tensor(weights, expected[1])


@check(
    points=2,
    zh="EncoderLayer 与 nn.TransformerEncoderLayer 一致。",
    hint="Each norm comes after the sum with what was there before, as in the formula of the stub.",
    hint_zh="每个归一化都放在与原来的值相加之后，和文档字符串里的公式一样。",
)
def test_encoder_layer_equals_torch(submission, rng):
    """EncoderLayer equals nn.TransformerEncoderLayer without dropout."""
    layer = nn.TransformerEncoderLayer(8, 2, 10, dropout=0.0, batch_first=True)
    state, x = random_state(rng, layer), rng.randn(3, 4, 8)
    told = submission.run(module_output, "EncoderLayer", [8, 2, 10], [x], state)
    assert_tensor(told, layer(x), rtol=1e-4, atol=1e-4)


@check(
    points=1,
    zh="RowTransformer 有 embed、position、layer 和 head，给出 (N, classes) 的分数。",
    hint="position is an nn.Parameter of (steps, dim); a plain tensor is in no state_dict.",
    hint_zh="position 是形状为 (steps, dim) 的 nn.Parameter；普通张量不会出现在 state_dict 里。",
)
def test_row_transformer_has_four_parts(submission, rng):
    """RowTransformer has embed, position, layer and head, and gives scores (N, classes)."""
    sizes = [4, 6, 3, 7, 9, 5]  # features, dim, heads, hidden, steps, classes
    state = shapes_of(submission.run(state_dict, "RowTransformer", sizes))
    inner = nn.TransformerEncoderLayer(6, 3, 7).state_dict()
    expected = {f"layer.{name}": shape for name, shape in shapes_of(inner).items()}
    expected |= {"embed.weight": (6, 4), "embed.bias": (6,), "position": (9, 6)}
    expected |= {"head.weight": (5, 6), "head.bias": (5,)}
    assert_equal(state, expected)
    scores = submission.run(module_output, "RowTransformer", sizes, [rng.randn(2, 8, 4)])
    assert_equal(tuple(scores.shape), (2, 5))


@check(
    points=1,
    zh="设置和种子相同（或都省略）时，train_rows 得到同一个模型；种子不同时得到另一个。",
    hint="torch.manual_seed(seed) before the model is made, and nothing drawn before that.",
    hint_zh="在创建模型之前调用 torch.manual_seed(seed)，此前不要抽随机数。",
)
def test_same_seed_trains_the_same_model(submission, rng):
    """train_rows makes one model of the same settings, given or left out; another seed, another."""
    rows, labels = rng.randn(66, 2, 3), rng.randint(0, 10, (66,))
    settings = {
        "dim": 16,
        "heads": 2,
        "hidden": 32,
        "classes": 10,
        "epochs": 4,
        "batch_size": 64,
        "lr": 0.02,
    }
    runs = [settings | {"seed": 0}, settings | {"seed": 1 + rng.seed()}, {}]
    first, other, again = submission.on("cpu").run(trained_states, rows, labels, runs)
    assert_equal(len(first), 17)
    for name, value in first.items():
        assert_tensor(again[name], value)
    assert not torch.allclose(first["head.weight"], other["head.weight"], atol=0.01)
