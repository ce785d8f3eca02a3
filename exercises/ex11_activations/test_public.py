"""Public checks of ex11_activations: the numbers of the notes, two layers merged, and XOR."""

import itertools

import torch
from torch import nn

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe

CORNERS = torch.tensor([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])
EITHER_OR = torch.tensor([[0.0], [1], [1], [0]])


@probe
def relu_and_input(student, x, options):
    """Return relu of x, whether it is x itself, and what x is afterwards."""
    result = student.relu(x, **options)
    return result.clone(), result is x, x


@probe
def merged_layers(student, sizes, seed, x):
    """Merge two random layers; return the result of both, that of the merged one, and its sizes."""
    torch.manual_seed(seed)
    l1, l2 = (nn.Linear(*pair).to(x) for pair in itertools.pairwise(sizes))
    expected, known = l2(l1(x)).detach(), [l2.bias.detach().clone(), l2.weight @ l1.weight]
    merged = student.merge_linear(l1, l2)
    shape = (merged.in_features, merged.out_features)
    return expected, merged(x).detach(), shape, known


@probe
def train(student, act, x, y, seed):
    """Return what a trained network makes of its points, and how many parameters it has."""
    model = student.train_xor(getattr(nn, act)(), x, y, seed=seed)
    return model(x).detach(), sum(parameter.numel() for parameter in model.parameters())


@check(
    points=1,
    zh="relu 把 [-1, 2] 变成 [0, 2]，形状不变，也不改动输入。",
    hint="Return a new tensor; x[x < 0] = 0 would write into the caller's x.",
    hint_zh="返回新的张量；x[x < 0] = 0 会写进调用者的 x。",
)
def test_relu_keeps_what_is_positive(submission, rng):
    """relu makes [0, 2] of [-1, 2], keeps every shape, and leaves its input alone."""
    for x in (torch.tensor([-1.0, 2]), rng.randn(3, 1, 4)):
        result, _, after = submission.run(relu_and_input, x, {})
        assert_tensor(result, torch.where(x > 0, x, 0.0))
        assert_tensor(after, x)


@check(
    points=1,
    zh="inplace=True 时，relu 改写 x 本身，并返回同一个对象。",
    hint="In PyTorch a method whose name ends with _ works in place and returns its tensor.",
    hint_zh="PyTorch 里名字以 _ 结尾的方法就地修改，并返回原来的张量。",
)
def test_relu_in_place_returns_x_itself(submission, rng):
    """With inplace=True relu overwrites x and returns the same object."""
    x = rng.randn(5, 3)
    result, is_same, after = submission.run(relu_and_input, x, {"inplace": True})
    expected = torch.where(x > 0, x, 0.0)
    assert_tensor(result, expected)
    assert_tensor(after, expected)
    assert_equal(is_same, expected=True)


@check(
    points=1,
    zh="sigmoid(0) = 0.5，tanh(1) = 0.7616；-4 到 4 之间处处正确。",
    hint="tanh is a sigmoid stretched to (-1, 1) and twice as steep: 2 * sigmoid(2 * x) - 1.",
    hint_zh="tanh 就是拉伸到 (-1, 1)、陡一倍的 sigmoid：2 * sigmoid(2 * x) - 1。",
)
def test_sigmoid_and_tanh_between_minus_4_and_4(submission):
    """sigmoid(0) is 0.5 and tanh(1) is 0.7616, and both are right from -4 to 4."""
    x = torch.linspace(-4, 4, 33).reshape(3, 11)
    assert_tensor(submission.sigmoid(x), torch.sigmoid(x))
    flat = Mistake(
        2 * torch.sigmoid(x) - 1,
        en="This is 2 * sigmoid(x) - 1, which is only half as steep as tanh.",
        zh="这是 2 * sigmoid(x) - 1，斜率只有 tanh 的一半。",
    )
    assert_tensor(submission.tanh(x), torch.tanh(x), mistakes=[flat])


@check(
    points=2,
    zh="softmax([3, 1, -3]) = [0.8789, 0.1189, 0.0022]；沿第 0、1、-1 维，和都是 1。",
    hint="Sum along dim with keepdim=True, so that the division finds the right sums.",
    hint_zh="沿 dim 求和时用 keepdim=True，相除时才对得上。",
)
def test_softmax_along_a_dimension(submission, rng):
    """softmax makes 0.8789, 0.1189, 0.0022 of 3, 1, -3, and sums are 1 along dim 0, 1 and -1."""
    cases = [(torch.tensor([3.0, 1, -3]), 0)]
    cases += [(rng.randn(3, 5), dim) for dim in (0, 1, -1)]
    for x, dim in cases:
        singly = Mistake(
            torch.sigmoid(x),
            en="This is the sigmoid of each number by itself. Softmax divides by a sum.",
            zh="这是对每个数单独求 sigmoid。softmax 要除以总和。",
        )
        together = Mistake(
            x.flatten().softmax(0).reshape(x.shape),
            en="The sum goes over all numbers. It goes along dim only.",
            zh="总和是对所有数求的。应当只沿 dim 求和。",
        )
        across = Mistake(
            x.softmax(-1 - dim if x.dim() == 2 and dim >= 0 else 0),
            en="The sums go along another dimension than dim.",
            zh="求和的维度不是 dim。",
        )
        known = [singly, together, across] if x.dim() == 2 else [singly]
        assert_tensor(submission.softmax(x, dim), x.softmax(dim), mistakes=known)


@check(
    points=1,
    zh="softmax([1000, 1000, 0]) = [0.5, 0.5, 0]，没有 nan。",
    hint="exp(1000) is inf. Nothing changes when the same number is subtracted everywhere.",
    hint_zh="exp(1000) 是 inf。所有数同时减去一个数，结果不变。",
)
def test_softmax_of_large_numbers(submission):
    """softmax of 1000, 1000 and 0 is 0.5, 0.5 and 0, not nan."""
    x = torch.tensor([1000.0, 1000, 0])
    assert_tensor(submission.softmax(x, 0), torch.tensor([0.5, 0.5, 0]))


@check(
    points=2,
    zh="合并后的一层与先 l1 再 l2 得到同样的结果，笔记中的 1024 到 64 到 10 也是。",
    hint="l2(l1(x)) = W2 (W1 x + b1) + b2: multiply it out and collect what stands with x.",
    hint_zh="l2(l1(x)) = W2 (W1 x + b1) + b2：乘开，再把含 x 的部分合在一起。",
)
def test_merged_layer_does_what_two_did(submission, rng):
    """One merged layer gives what l1 and then l2 give, as for the notes' 1024 to 64 to 10."""
    for sizes in [(1024, 64, 10), (3, 7, 2)]:
        x = rng.randn(5, sizes[0], dtype=torch.float64)
        answer = submission.run(merged_layers, sizes, rng.seed(), x)
        expected, result, shape, (bias, weight) = answer
        lost = Mistake(
            x @ weight.T + bias,
            en="The bias of l1 got lost. It goes through l2 as well.",
            zh="l1 的偏置丢了。它也要经过 l2。",
        )
        assert_tensor(result, expected, mistakes=[lost])
        assert_equal(shape, (sizes[0], sizes[-1]))


@check(
    points=2,
    zh="有 ReLU、Tanh 或 Sigmoid 时，XOR 的误差低于 0.02；用 Identity 时高于 0.2。",
    hint="Put act between the two layers, and clear the gradients in each of the steps.",
    hint_zh="act 要放在两层之间；每一步都要清空梯度。",
)
def test_xor_needs_an_activation(submission):
    """The loss of XOR is below 0.02 with ReLU, Tanh and Sigmoid, and above 0.2 with Identity."""
    for act in ("ReLU", "Tanh", "Sigmoid", "Identity"):
        scores, count = submission.run(train, act, CORNERS, EITHER_OR, 0)
        assert_equal(count, 2 * 16 + 16 + 16 + 1)
        loss = (scores - EITHER_OR).square().mean().item()
        if act == "Identity":
            assert loss > 0.2, f"loss {loss:.3f} with Identity, with which there are lines only"
        else:
            assert loss < 0.02, f"loss {loss:.3f} with {act} after 100 steps"
