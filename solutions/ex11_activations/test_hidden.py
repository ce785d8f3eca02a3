"""Hidden checks of ex11_activations: large numbers, gradients, and other points than XOR's."""

import torch
from torch import nn

from grader.checks import (
    assert_equal,
    assert_tensor,
    check,
    gradients,
    probe,
    raises,
)

TRUE = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
CORNERS = torch.tensor([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])


@probe
def values(student, inputs):
    """Return relu, sigmoid and tanh of every tensor, each seen with its dimensions turned round."""
    results = []
    for x in inputs:
        turned = x.permute(tuple(range(x.dim()))[::-1])
        results.append([student.sigmoid(turned), student.tanh(turned), student.relu(turned)])
    return results


@probe
def slopes(student, x, upstreams):
    """Return the gradients of relu, sigmoid and tanh."""
    results = []
    for name, upstream in upstreams.items():
        watched = x.clone().requires_grad_()
        output = getattr(student, name)(watched)
        results.append(torch.autograd.grad(output, watched, upstream)[0])
    return results


@probe
def softmax_slopes(student, cases):
    """Return the gradient of softmax for every (x, dim, upstream)."""
    results = []
    for x, dim, upstream in cases:
        watched = x.clone().requires_grad_()
        results.append(torch.autograd.grad(student.softmax(watched, dim), watched, upstream)[0])
    return results


@probe
def slope_through_relu_in_place(student, x, upstream):
    """Return the gradient of x through relu(3 * x, inplace=True)."""
    watched = x.clone().requires_grad_()
    output = student.relu(3 * watched, inplace=True)
    return torch.autograd.grad(output, watched, upstream)[0]


@probe
def overwrite_a_leaf(student, x):
    """Call relu in place on a leaf that requires a gradient."""
    student.relu(x.clone().requires_grad_(), inplace=True)


@probe
def linear(weight, bias):
    """Return a Linear with this weight and bias, which may be None."""
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None).to(weight)
    layer.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return layer


@probe
def merge(student, first, second):
    """Merge two layers; return the merged parameters, which of them learn, and both layers."""
    l1, l2 = linear(*first), linear(*second)
    l1.requires_grad_(requires_grad=False)
    merged = student.merge_linear(l1, l2)
    bias = None if merged.bias is None else merged.bias.detach()
    flags = [parameter.requires_grad and parameter.is_leaf for parameter in merged.parameters()]
    kept = [l1.weight, l1.bias, l2.weight.detach(), None if l2.bias is None else l2.bias.detach()]
    return (
        merged.weight.detach(),
        bias,
        flags,
        kept,
        [l1.weight.requires_grad, type(merged).__name__],
    )


@probe
def train(student, act, x, y, steps, seeds):
    """Return what networks that were trained with these seeds make of x."""
    return [student.train_xor(getattr(nn, act)(), x, y, steps, seed)(x).detach() for seed in seeds]


@probe
def train_parameters(student, x, y, settings):
    """Return the parameters, end to end, of networks with Tanh for each (steps, seed)."""
    networks = [student.train_xor(nn.Tanh(), x, y, *setting) for setting in settings]
    return [
        torch.cat([parameter.detach().flatten() for parameter in network.parameters()])
        for network in networks
    ]


@probe
def train_and_wait(student, x, y, steps, seed):
    """Train a network with Tanh; then predict points that come only now."""
    model = student.train_xor(nn.Tanh(), x, y, steps, seed)
    later = yield None
    return model(later).detach()


@check(
    points=1,
    zh="任何形状下 relu、sigmoid 和 tanh 都正确：零维、空的、内存不连续的，float64 也一样。",
    hint="Work on the whole tensor at once; nothing here needs the number of dimensions.",
    hint_zh="对整个张量一次算完；这里完全用不着知道有几维。",
)
def test_activations_on_every_shape(submission, rng):
    """relu, sigmoid and tanh are right for every shape: no dimension, no number, any layout."""
    inputs = [
        rng.randn(1, dtype=torch.float64)[0],
        torch.empty(0, 3),
        2 * rng.randn(2, 3, 4),
        3 * rng.randn(5, 1, 2, 3, dtype=torch.float64),
    ]
    for x, results in zip(inputs, submission.run(values, inputs), strict=True):
        turned = x.permute(tuple(range(x.dim()))[::-1])
        for right, result in zip((torch.sigmoid, torch.tanh, torch.relu), results, strict=True):
            assert_tensor(result, right(turned))


@check(
    points=2,
    zh="对很大的正数和负数，sigmoid、tanh 和 softmax 都没有 nan 或 inf，值也正确。",
    hint="exp of a large number is inf, and inf / inf is nan: only negative numbers into exp.",
    hint_zh="很大的数取 exp 得 inf，而 inf / inf 是 nan：只让不大于零的数进 exp。",
)
def test_large_numbers_give_no_nan(submission, rng):
    """sigmoid, tanh and softmax are right for very large numbers of either sign."""
    for dtype in (torch.float32, torch.float64):
        sizes = torch.tensor([60, 95, 800, 1e4, 1e6], dtype=dtype) * (0.9 + 0.1 * rng.rand())
        x = torch.stack([sizes, -sizes])
        for name in ("sigmoid", "tanh"):
            assert_tensor(getattr(submission, name)(x), TRUE[name](x))
        for dim in (0, 1):
            assert_tensor(submission.softmax(x, dim), x.softmax(dim))


@check(
    points=2,
    zh="relu、sigmoid 和 tanh 的梯度处处正确，在 0 处和很大的数处也没有 nan。",
    hint="The gradient of exp(x) is exp(x): where that is inf, 0 * inf makes nan. And abs has the "
    "gradient 0 at 0, where sigmoid has 1/4.",
    hint_zh="exp(x) 的梯度还是 exp(x)：它是 inf 时，0 * inf 就是 nan。另外 abs 在 0 处的梯度为 "
    "0，而 sigmoid 在那里是 1/4。",
)
def test_gradients_of_the_activations(submission, rng):
    """The gradients of relu, sigmoid and tanh are right everywhere, at 0 and far from it too."""
    x = torch.cat([2 * rng.randn(20, dtype=torch.float64), torch.tensor([50.0, -50, 2000, -2000])])
    for numbers in (x, x.float()):
        upstreams = {name: rng.randn(*numbers.shape, dtype=numbers.dtype) for name in TRUE}
        received = submission.run(slopes, numbers, upstreams)
        for (name, upstream), slope in zip(upstreams.items(), received, strict=True):
            watched = numbers.clone().requires_grad_()
            assert_tensor(slope, torch.autograd.grad(TRUE[name](watched), watched, upstream)[0])
    zero = torch.zeros(2, dtype=torch.float64)
    for name, steepness in [("sigmoid", 0.25), ("tanh", 1.0)]:
        (slope,) = submission.run(gradients, name, [zero], wrt=[0])
        assert_tensor(slope, torch.full_like(zero, steepness))


@check(
    points=1,
    zh="无论几维，沿哪一维，softmax 都正确。",
    hint="dim counts from the front or, if negative, from the back; keepdim=True fits both.",
    hint_zh="dim 可以从前数，负数则从后数；keepdim=True 对两者都合适。",
)
def test_softmax_along_every_dimension(submission, rng):
    """softmax is right along every dimension of tensors with one to four of them."""
    for shape in [(6,), (4, 3), (2, 3, 4), (3, 1, 2, 2)]:
        for dim in range(-len(shape), len(shape)):
            x = 2 * rng.randn(*shape, dtype=torch.float64)
            assert_tensor(submission.softmax(x, dim), x.softmax(dim))


@check(
    points=2,
    zh="softmax 的梯度是 p_i (d_ij - p_j)，数很大时也没有 nan。",
    hint="By the sum, every output depends on every input along dim: leave the sum its gradient.",
    hint_zh="通过总和，每个输出都依赖沿 dim 的每个输入。总和也要有梯度。",
)
def test_gradients_of_softmax(submission, rng):
    """The gradients of softmax are p_i (d_ij - p_j), also for large numbers."""
    cases = []
    for shape, dim in [((4,), 0), ((3, 5), 0), ((2, 3, 4), -1)]:
        x = rng.randn(*shape, dtype=torch.float64)
        cases.append((x, dim, rng.randn(*shape, dtype=torch.float64)))
    large = torch.tensor([[1000.0, 999, -1000], [-5000, -5000, -4999]], dtype=torch.float64)
    cases.append((large, 1, rng.randn(2, 3, dtype=torch.float64)))
    received = submission.run(softmax_slopes, cases)
    for (x, dim, upstream), slope in zip(cases, received, strict=True):
        p = x.softmax(dim)
        assert_tensor(slope, p * (upstream - (p * upstream).sum(dim, keepdim=True)))


@check(
    points=2,
    zh="梯度能通过就地的 relu；对需要梯度的叶子张量，就地改写会抛出 RuntimeError。",
    hint="PyTorch watches in-place operations; .data and no_grad hide yours from it.",
    hint_zh="PyTorch 会盯着就地操作；用 .data 或 no_grad，它就看不见了。",
)
def test_relu_in_place_and_autograd(submission, rng):
    """Gradients pass through relu in place, and a leaf that requires one is not overwritten."""
    x, upstream = rng.randn(4, 5, dtype=torch.float64), rng.randn(4, 5, dtype=torch.float64)
    received = submission.run(slope_through_relu_in_place, x, upstream)
    assert_tensor(received, torch.where(x > 0, 3 * upstream, 0.0))
    with raises(RuntimeError):
        submission.run(overwrite_a_leaf, x)


@check(
    points=1,
    zh="所有结果的 dtype 和设备都与输入相同。",
    hint="Make what you add from x (zeros_like, new_zeros), and move the network to x.",
    hint_zh="要加进来的张量由 x 来造（zeros_like、new_zeros），网络也要移到 x 那里。",
)
def test_results_keep_dtype_and_device(submission, rng):
    """Every result has the dtype of x and is on its device."""
    for dtype in (torch.float32, torch.float64):
        x = rng.randn(4, 2, dtype=dtype)
        away = torch.empty(4, 2, dtype=dtype, device="meta")
        for name in TRUE:
            assert_tensor(getattr(submission.on("meta"), name)(x), away)
        assert_tensor(submission.on("meta").softmax(x, 1), away)
        (scores,) = submission.on("meta").run(train, "Tanh", x, x[:, :1], 1, [rng.seed()])
        assert_tensor(scores, away[:, :1])


@check(
    points=2,
    zh="不管哪一层有偏置、是什么 dtype，merge_linear 的 weight 和 bias 都正确。",
    hint="W2 W1 and W2 b1 + b2, where a bias that is not there counts as 0; none if both are not.",
    hint_zh="W2 W1 以及 W2 b1 + b2，没有的偏置当作 0；两层都没有，就不要偏置。",
)
def test_merged_parameters(submission, rng):
    """merge_linear gets weight and bias right, whichever layer has a bias, in float32 and 64."""
    for has_first, has_second, dtype in [
        (True, True, torch.float64),
        (True, False, torch.float32),
        (False, True, torch.float64),
        (False, False, torch.float64),
    ]:
        w1, w2 = rng.randn(4, 3, dtype=dtype), rng.randn(2, 4, dtype=dtype)
        b1 = rng.randn(4, dtype=dtype) if has_first else None
        b2 = rng.randn(2, dtype=dtype) if has_second else None
        weight, bias, *_ = submission.run(merge, (w1, b1), (w2, b2))
        assert_tensor(weight, w2 @ w1)
        if has_first or has_second:
            moved = w2 @ b1 if has_first else 0
            assert_tensor(bias, moved + (b2 if has_second else 0))
        else:
            assert_equal(bias, None)


@check(
    points=1,
    zh="merge_linear 返回一个能训练的新 nn.Linear，l1 和 l2 保持原样。",
    hint="Make a new nn.Linear and copy into its parameters under torch.no_grad().",
    hint_zh="新建一个 nn.Linear，在 torch.no_grad() 里把数复制到它的参数中。",
)
def test_merge_leaves_both_layers_alone(submission, rng):
    """merge_linear returns a new nn.Linear that can learn, and leaves l1 and l2 as they were."""
    layers = [(rng.randn(5, 3), rng.randn(5)), (rng.randn(2, 5), rng.randn(2))]
    _, _, flags, kept, rest = submission.run(merge, *layers)
    for now, before in zip(kept, [*layers[0], *layers[1]], strict=True):
        assert_tensor(now, before)
    assert_equal(list(flags), [True, True])
    assert_equal(list(rest), [False, "Linear"])


@check(
    points=1,
    zh="l2 的输入个数与 l1 的输出个数不同时，merge_linear 抛出 ValueError。",
    hint="Compare l1.out_features with l2.in_features before you multiply.",
    hint_zh="相乘之前先比较 l1.out_features 与 l2.in_features。",
)
def test_merge_refuses_layers_that_do_not_fit(submission, rng):
    """merge_linear raises ValueError when l2 does not take what l1 gives."""
    for rows, columns in [(4, 5), (3, 1)]:
        with raises(ValueError):
            submission.run(merge, (rng.randn(rows, 3), None), (rng.randn(2, columns), rng.randn(2)))


@check(
    points=2,
    zh="换了点和标签之后，有激活函数仍然学得会，没有则只能得到最好的直线。",
    hint="Learn from x and y, whatever they are, and compute the loss as the mean of the squares.",
    hint_zh="不管 x 和 y 是什么，都要从它们学习；损失是平方误差的平均。",
)
def test_training_learns_other_points(submission, rng):
    """With an activation other points and labels are learned too, without one only a line is."""
    order = rng.permutation(4)
    x = CORNERS[order] * (0.8 + 0.4 * rng.rand())
    same = (x[:, :1] * x[:, 1:] > 0).float()
    for y in (same, 1 - 2 * same):
        best_line = y.var(correction=0).item()
        for act in ("ReLU", "Tanh", "Sigmoid", "Identity"):
            (scores,) = submission.run(train, act, x, y, 100, [rng.seed()])
            loss = (scores - y).square().mean().item()
            if act == "Identity":
                assert 0.99 * best_line < loss < 1.1 * best_line
            else:
                assert loss < 0.02


@check(
    points=1,
    zh="seed 相同，网络就相同，seed 不同则不同；每一步都是 Adam 的一步。",
    hint="Call torch.manual_seed(seed) as the first thing, before the layers draw their numbers.",
    hint_zh="一开始就调用 torch.manual_seed(seed)，要在各层取随机数之前。",
)
def test_the_seed_decides_the_network(submission, rng):
    """The same seed gives the same network, another one another; each step is one of Adam's."""
    x, seed = rng.randn(7, 2, dtype=torch.float64), rng.seed()
    y = x.prod(1, keepdim=True)
    start, one, again, other = submission.run(
        train_parameters, x, y, [(0, seed), (1, seed), (1, seed), (1, seed + 1)]
    )
    assert_tensor(again, one)
    assert not torch.equal(other, one), "two seeds, one network"
    # The first step of Adam moves every parameter by the learning rate, whatever its gradient.
    assert_tensor((one - start).abs(), torch.full_like(one, 0.05), rtol=0, atol=1e-3)
    usual, hundred = submission.run(train_parameters, x, y, [(), (100, 0)])
    assert_tensor(usual, hundred)


@check(
    points=3,
    zh="训练没有多花时间，而且学会了。",
    hint="All points go through the network together; a loop over them costs many times as much.",
    hint_zh="所有点一次通过网络；逐点循环，有几个点就要花几倍的时间。",
)
def test_training_takes_all_points_at_once(timed, rng):
    """Training takes no longer than it has to, and the network has learned."""
    for run in timed:
        x = CORNERS.repeat(8, 1) + 0.1 * rng.randn(32, 2)
        y = (x[:, :1] * x[:, 1:] > 0).float()
        conversation = run.submission.start(train_and_wait, x, y, 60, rng.seed())
        unseen = 0.9 * CORNERS + 0.1 * rng.randn(4, 2)
        scores = conversation.send(unseen)
        run.samples = 60 * len(x)
        expected = (unseen[:, :1] * unseen[:, 1:] > 0).float()
        assert ((scores > 0.5).float() == expected).all()
