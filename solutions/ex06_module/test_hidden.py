"""Hidden checks of ex06_module: values, gradients and everything that registration is for."""

import torch
from torch import nn

from grader.checks import (
    assert_equal,
    assert_tensor,
    check,
    module_gradients,
    module_output,
    probe,
    raises,
    state_dict_round_trip,
)

CONV_NET = (3, 64, 32, 32, 10)


@probe
def scores_of_permuted_pictures(student, state, pictures):
    """Return what ConvNet makes of (N, rows, columns, channels), permuted without a copy."""
    model = student.ConvNet().double()
    model.load_state_dict(state)
    return model(pictures.permute(0, 3, 1, 2))


@probe
def scores_with_hooks(student, state, x, factor, shift):
    """Return what ConvNet gives when hooks scale the maps of conv and shift the scores of fc."""
    model = student.ConvNet().double()
    model.load_state_dict(state)
    model.conv.register_forward_hook(lambda _module, _inputs, maps: maps * factor)
    model.fc.register_forward_hook(lambda _module, _inputs, scores: scores + shift)
    return model(x)


@probe
def count_and_describe(student, a, b, c):
    """Return both counts and the description of a network, and the count of one without any.

    The network has a layer that stands in two places, a frozen weight, buffers and sub-modules.
    """
    shared = nn.Linear(a, a)
    inner = nn.Sequential(shared, nn.Linear(a, b, bias=False))
    net = nn.Sequential(shared, nn.BatchNorm1d(a), inner, nn.Linear(b, c))
    net[3].weight.requires_grad_(requires_grad=False)
    return {
        "trainable": student.count_parameters(net),
        "all": student.count_parameters(net, trainable_only=False),
        "none": student.count_parameters(nn.Sequential(nn.ReLU())),
        "described": [[name, list(shape)] for name, shape in student.describe_parameters(net)],
    }


@probe
def gradients_of_state(student, x, state, upstream):
    """Return the gradients of sum(functional_forward(x, state) * upstream)."""
    leaves = {"x": x, **state}
    for leaf in leaves.values():
        leaf.requires_grad_()
    (student.functional_forward(x, state) * upstream).sum().backward()
    return {name: leaf.grad for name, leaf in leaves.items()}


def random_state(rng, channels, maps, rows, columns, classes):
    """Return random float64 tensors for a network of these sizes."""
    shapes = {"conv.weight": (maps, channels, 3, 3), "conv.bias": (maps,)}
    shapes |= {"fc.weight": (classes, maps * rows * columns), "fc.bias": (classes,)}
    return {name: rng.randn(*shape, dtype=torch.float64) for name, shape in shapes.items()}


def network(x, state, factor=1.0):
    """Return what a network with this state computes; `factor` scales the maps of conv."""
    maps = nn.functional.conv2d(x, state["conv.weight"], state["conv.bias"], padding=1) * factor
    return nn.functional.linear(maps.relu().flatten(1), state["fc.weight"], state["fc.bias"])


def network_gradients(x, state, upstream):
    """Return the gradients of sum(network(x, state) * upstream) for x and the state, by name."""
    leaves = {name: leaf.clone().requires_grad_() for name, leaf in {"x": x, **state}.items()}
    output = network(leaves["x"], leaves)
    gradients = torch.autograd.grad((output * upstream).sum(), list(leaves.values()))
    return dict(zip(leaves, gradients, strict=True))


@check(
    points=2,
    zh="载入随机参数后，ConvNet 对一张或几张图像都算出正确的分数。",
    hint="Convolution with padding 1, ReLU, one row per picture, linear layer; nothing after it.",
    hint_zh="填充为 1 的卷积、ReLU、每张图像一行、线性层，之后不再有别的运算。",
)
def test_conv_net_computes_the_right_scores(submission, rng):
    """ConvNet gives the right scores with any parameters, for one picture and for several."""
    state = random_state(rng, *CONV_NET)
    for count in (1, 3):
        x = rng.randn(count, 3, 32, 32, dtype=torch.float64)
        scores = submission.run(module_output, "ConvNet", [], [x], state=state)
        assert_tensor(scores, network(x, state))


@check(
    points=1,
    zh="ConvNet 接受 32x32 的图像；尺寸不对时抛出 RuntimeError，不会把几张图像拼成一行。",
    hint="view(-1, 64 * 32 * 32) takes numbers wherever it finds them, also from the next picture.",
    hint_zh="view(-1, 64 * 32 * 32) 见数就取，连下一张图像的数也会拿来凑。",
)
def test_conv_net_refuses_pictures_of_another_size(submission, rng):
    """ConvNet takes 32x32, raises RuntimeError for other sizes and never mixes pictures."""
    rows = submission.run(module_output, "ConvNet", [], [rng.randn(1, 3, 32, 32)])
    assert_equal(len(rows), 1)
    for size in [(4, 3, 16, 16), (2, 3, 64, 32)]:
        with raises(RuntimeError):
            submission.run(module_output, "ConvNet", [], [rng.randn(*size)])


@check(
    points=1,
    zh="图像在内存中不连续时，ConvNet 也正确。",
    hint="view needs a certain layout in memory; flatten and reshape copy where they must.",
    hint_zh="view 要求特定的内存排列；flatten 和 reshape 在必要时会复制。",
)
def test_conv_net_takes_any_memory_layout(submission, rng):
    """ConvNet is right for pictures that are not contiguous in memory."""
    state = random_state(rng, *CONV_NET)
    pictures = rng.randn(2, 32, 32, 3, dtype=torch.float64)
    scores = submission.run(scores_of_permuted_pictures, state, pictures)
    assert_tensor(scores, network(pictures.permute(0, 3, 1, 2).contiguous(), state))


@check(
    points=1,
    zh="ConvNet 调用的是层本身，所以登记在 conv 和 fc 上的前向钩子会起作用。",
    hint="self.conv(x) goes through __call__, which runs the hooks; self.conv.forward(x) does not.",
    hint_zh="self.conv(x) 经过 __call__，会运行钩子；self.conv.forward(x) 则不会。",
)
def test_conv_net_runs_the_hooks_of_its_layers(submission, rng):
    """Forward hooks on the layers of ConvNet take effect."""
    state, x = random_state(rng, *CONV_NET), rng.randn(2, 3, 32, 32, dtype=torch.float64)
    factor, shift = -0.5 - rng.integer(0, 3), 100.0 + rng.integer(1, 9)
    scores = submission.run(scores_with_hooks, state, x, factor, shift)
    assert_tensor(scores, network(x, state, factor) + shift)


@check(
    points=2,
    zh="梯度传到 ConvNet 的每个参数和输入，数值正确。",
    hint="Both layers and their biases take part; no detach, no .data and no numpy in forward.",
    hint_zh="两个层和它们的偏置都要参与；forward 里不要用 detach、.data 和 numpy。",
)
def test_conv_net_parameters_receive_gradients(submission, rng):
    """Every parameter of ConvNet and its input receive the right gradient."""
    state, x = random_state(rng, *CONV_NET), rng.randn(2, 3, 32, 32, dtype=torch.float64)
    upstream = rng.randn(2, 10, dtype=torch.float64)
    expected = network_gradients(x, state, upstream)
    received = submission.run(module_gradients, "ConvNet", [], [x], state=state, upstream=upstream)
    assert_tensor(received["inputs"][0], expected["x"])
    for name in state:
        assert_tensor(received["parameters"].get(name), expected[name])


@check(
    points=1,
    zh="对任意形状的 float64 张量，Center 的数值和梯度都正确。",
    hint="One mean for all numbers, which is part of the graph: it depends on every one of them.",
    hint_zh="所有的数只有一个平均值，而且它也在计算图里：它依赖于每一个数。",
)
def test_center_on_tensors_of_any_shape(submission, rng):
    """Center is right for tensors of any shape, values and gradients."""
    for shape in [(6,), (3, 5), (2, 1, 4, 3)]:
        x = 3 + rng.randn(*shape, dtype=torch.float64)
        upstream = rng.randn(*shape, dtype=torch.float64)
        received = submission.run(module_gradients, "Center", [], [x], upstream=upstream)
        assert_tensor(received["output"], x - x.mean())
        assert_tensor(received["inputs"][0], upstream - upstream.mean())


@check(
    points=1,
    zh="梯度传到 ListDense 的四个矩阵和输入，批量大小任意。",
    hint="Use the registered parameters themselves; a copy made in __init__ receives nothing.",
    hint_zh="直接使用登记过的参数；在 __init__ 里另做的副本得不到梯度。",
)
def test_list_dense_parameters_receive_gradients(submission, rng):
    """All four matrices of ListDense and its input receive the right gradient."""
    for count in (1, 5):
        shapes = [(count, 4), (4, 4), (4, 4), (4, 4), (4, 1)]
        x, *matrices = (rng.randn(*s, dtype=torch.float64).requires_grad_() for s in shapes)
        upstream = rng.randn(count, 1, dtype=torch.float64)
        output = x @ matrices[0] @ matrices[1] @ matrices[2] @ matrices[3]
        expected = torch.autograd.grad((output * upstream).sum(), [x, *matrices])
        received = submission.run(
            module_gradients,
            "ListDense",
            [],
            [x.detach()],
            state={f"params.{index}": matrix.detach() for index, matrix in enumerate(matrices)},
            upstream=upstream,
        )
        assert_tensor(received["output"], output)
        assert_tensor(received["inputs"][0], expected[0])
        for index in range(4):
            assert_tensor(received["parameters"].get(f"params.{index}"), expected[index + 1])


@check(
    points=2,
    zh="DictDense 中只有选中的矩阵得到梯度，另外两个没有梯度。",
    hint="Look up one entry and multiply by it alone; what takes no part has no gradient.",
    hint_zh="只取出一项并与它相乘；不参与计算的就没有梯度。",
)
def test_dict_dense_gives_a_gradient_to_the_choice_alone(submission, rng):
    """Only the chosen matrix of DictDense receives a gradient, and the right one."""
    sizes = {"linear1": 4, "linear2": 1, "linear3": 2}
    x = rng.randn(3, 4, dtype=torch.float64)
    state = {
        f"params.{name}": rng.randn(4, size, dtype=torch.float64) for name, size in sizes.items()
    }
    for choice, size in sizes.items():
        upstream = rng.randn(3, size, dtype=torch.float64)
        received = submission.run(
            module_gradients, "DictDense", [], [x, choice], state=state, upstream=upstream
        )
        gradients = received["parameters"]
        assert_tensor(gradients.pop(f"params.{choice}", None), x.T @ upstream)
        assert_equal(list(gradients.values()), [None, None])


@check(
    points=1,
    zh="名字不在三个矩阵之中时，DictDense 抛出 KeyError。",
    hint="self.params[choice] finds attributes too, such as methods; ask `choice in self.params`.",
    hint_zh="self.params[choice] 连方法之类的属性也会找到；请用 `choice in self.params` 判断。",
)
def test_dict_dense_refuses_other_names(submission, rng):
    """DictDense raises KeyError for every name that is none of the three."""
    for choice in ("linear4", "Linear1", "training", ""):
        with raises(KeyError):
            submission.run(module_output, "DictDense", [], [rng.randn(2, 4), choice])


@check(
    points=1,
    zh="把 state_dict 存盘再载入另一个新模块，两者的输出相同。",
    hint="What forward uses must be in the state_dict, or a loaded module computes something else.",
    hint_zh="forward 用到的一切都要在 state_dict 里，否则载入之后算出的就是别的结果。",
)
def test_state_survives_saving_and_loading(submission, rng):
    """A module that loads the saved state of another one computes the same."""
    cases = [
        ("ConvNet", (2, 3, 32, 32), ["conv.weight", "conv.bias", "fc.weight", "fc.bias"]),
        ("ListDense", (3, 4), [f"params.{index}" for index in range(4)]),
        ("DictDense", (3, 4), [f"params.linear{number}" for number in (1, 2, 3)]),
    ]
    for maker, size, names in cases:
        told = submission.run(state_dict_round_trip, maker, [], [rng.randn(*size)])
        assert_equal(sorted(told["keys"]), sorted(names))
        assert_tensor(told["after"], told["before"])


@check(
    points=1,
    zh="模块换成 float64 之后，就用 float64 计算。",
    hint="model.double() changes registered parameters only; in forward, make nothing new that is "
    "float32.",
    hint_zh="model.double() 只改变登记过的参数；forward 里不要另建 float32 的张量。",
)
def test_modules_compute_in_the_dtype_they_were_given(submission, rng):
    """Modules that were turned into float64 compute in float64."""
    cases = [
        ("ConvNet", (2, 3, 32, 32), (2, 10)),
        ("Center", (2, 3), (2, 3)),
        ("ListDense", (5, 4), (5, 1)),
        ("DictDense", (5, 4), (5, 4)),
    ]
    for maker, size, expected in cases:
        x = rng.randn(*size, dtype=torch.float64)
        output = submission.run(module_output, maker, [], [x])
        assert_equal(tuple(output.shape), expected)
        assert_equal(output.dtype, torch.float64)


@check(
    points=1,
    zh="ListDense 和 DictDense 搬到别的设备之后，就在那里计算。",
    hint="In forward, make no new tensor on the CPU and do not go through numpy or a list.",
    hint_zh="forward 里不要在 CPU 上另建张量，也不要经过 numpy 或列表。",
)
def test_dense_modules_compute_where_they_were_moved(submission, rng):
    """ListDense and DictDense compute on the device to which they were moved."""
    # Matrix products only: other arithmetic on the meta device takes a second to load.
    for maker, columns in (("ListDense", 1), ("DictDense", 4)):
        output = submission.on("meta").run(module_output, maker, [], [rng.randn(5, 4)])
        assert_tensor(output, torch.empty(5, columns, device="meta"))


@check(
    points=2,
    zh="对含有共享层、冻结参数和缓冲区的网络，count_parameters 数得正确。",
    hint="A shared parameter counts once, a frozen one only on request, a buffer never.",
    hint_zh="共享的参数只算一次，冻结的参数只在要求时计入，缓冲区从不计入。",
)
def test_count_parameters_of_an_entangled_network(submission, rng):
    """count_parameters is right with shared layers, frozen parameters and buffers."""
    a, b, c = (rng.integer(2, 9) for _ in range(3))
    told = submission.run(count_and_describe, a, b, c)
    trainable = (a * a + a) + 2 * a + a * b + c
    assert_equal(told["trainable"], trainable)
    assert_equal(told["all"], trainable + b * c)
    assert_equal(told["none"], 0)


@check(
    points=1,
    zh="describe_parameters 列出各级子模块的参数，含冻结的；共享的只列一次，次序与 PyTorch 相同。",
    hint="named_parameters() does all of this; sorting or asking for requires_grad spoils it.",
    hint_zh="named_parameters() 已经做到了这些；排序，或按 requires_grad 筛选，反而会弄错。",
)
def test_describe_parameters_of_an_entangled_network(submission, rng):
    """describe_parameters lists nested and frozen parameters, shared ones once, in order."""
    a, b, c = (rng.integer(2, 9) for _ in range(3))
    expected = [["0.weight", [a, a]], ["0.bias", [a]], ["1.weight", [a]], ["1.bias", [a]]]
    expected += [["2.1.weight", [b, a]], ["3.weight", [c, b]], ["3.bias", [c]]]
    assert_equal(submission.run(count_and_describe, a, b, c)["described"], expected)


@check(
    points=2,
    zh="functional_forward 的各种尺寸都由给定的张量决定，float64 时精度也足够。",
    hint="No number of ConvNet belongs into this function: flatten, and let the tensors decide.",
    hint_zh="这个函数里不应出现 ConvNet 的任何尺寸：展平即可，其余由张量决定。",
)
def test_functional_forward_in_other_sizes(submission, rng):
    """functional_forward is right in all sizes, which follow from its tensors, and in float64."""
    for count, sizes in [(3, (2, 4, 5, 7, 6)), (1, (1, 3, 8, 2, 4)), (4, (5, 2, 3, 6, 1))]:
        channels, _, rows, columns, _ = sizes
        state = random_state(rng, *sizes)
        x = rng.randn(count, channels, rows, columns, dtype=torch.float64)
        assert_tensor(submission.functional_forward(x, state), network(x, state))


@check(
    points=1,
    zh="梯度通过 functional_forward 传到 x 和给定的每个张量。",
    hint="Compute with the given tensors themselves; an nn.Parameter made of one is another leaf.",
    hint_zh="直接用给定的张量计算；用它们另做的 nn.Parameter 是另一个叶子。",
)
def test_gradients_pass_through_functional_forward(submission, rng):
    """x and every given tensor receive the right gradient through functional_forward."""
    state = random_state(rng, 2, 3, 6, 4, 5)
    x = rng.randn(2, 2, 6, 4, dtype=torch.float64)
    upstream = rng.randn(2, 5, dtype=torch.float64)
    received = submission.run(gradients_of_state, x, state, upstream)
    for name, gradient in network_gradients(x, state, upstream).items():
        assert_tensor(received[name], gradient)
