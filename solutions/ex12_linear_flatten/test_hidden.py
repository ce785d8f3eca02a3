"""Hidden checks of ex12_linear_flatten: other shapes, gradients, and layers of other sizes."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_equal,
    assert_tensor,
    check,
    module_gradients,
    module_output,
    probe,
    raises,
)


@probe
def output_without_bias(student, x, weight):
    """Return the names in the state of a MyLinear without bias, and what it makes of x."""
    layer = student.MyLinear(weight.shape[1], weight.shape[0], bias=False).to(x)
    names = list(layer.state_dict())
    own = layer.get_parameter("weight")
    with torch.no_grad():
        own.copy_(weight)
    return [names, layer(x)]


@probe
def flattened(student, x, order):
    """Return num_flat_features and flatten_features of x, permuted without a copy."""
    seen = x.permute(order)
    return [student.num_flat_features(seen), student.flatten_features(seen)]


@probe
def converted(student, state, sizes, pictures):
    """Return the state of the convolution made of a linear layer, and its output."""
    weight = state["weight"]
    fc = nn.Linear(weight.shape[1], weight.shape[0], bias="bias" in state).to(weight)
    fc.load_state_dict(state)
    conv = student.linear_to_conv(fc, *sizes)
    return [dict(conv.state_dict()), conv(pictures)]


@probe
def converted_state(student, state, sizes):
    """Return the state of the convolution made of a linear layer."""
    weight = state["weight"]
    fc = nn.Linear(weight.shape[1], weight.shape[0]).to(weight)
    return dict(student.linear_to_conv(fc, *sizes).state_dict())


@probe
def outputs_after_a_step(student, state, sizes, pictures, trained):
    """Return what the linear layer and its convolution give after a step of one of them."""
    weight = state["weight"]
    fc = nn.Linear(weight.shape[1], weight.shape[0]).to(weight)
    fc.load_state_dict(state)
    conv = student.linear_to_conv(fc, *sizes)
    layer, x = (fc, pictures.flatten(1)) if trained == "fc" else (conv, pictures)
    layer(x).sum().backward()
    with torch.no_grad():
        for parameter in layer.parameters():
            if parameter.grad is not None:
                parameter.sub_(parameter.grad)
    return [fc(pictures.flatten(1)), conv(pictures).flatten(1)]


@probe
def convert(student, features, sizes):
    """Convert a linear layer with so many input features."""
    student.linear_to_conv(nn.Linear(features, 3), *sizes)


def linear_state(rng, in_features, out_features):
    """Return a random float64 state of a linear layer."""
    weight = rng.randn(out_features, in_features, dtype=torch.float64)
    return {"weight": weight, "bias": rng.randn(out_features, dtype=torch.float64)}


@check(
    points=1,
    zh="无论前面有几维、有没有大小为 0 的维，MyLinear 都只变换最后一维，float64 时精度也足够。",
    hint="Only the last dimension takes part. x @ ... takes all leading ones along; mm does not.",
    hint_zh="参与计算的只有最后一维。x @ … 会带上前面的各维，mm 则不会。",
)
def test_my_linear_on_any_leading_dimensions(submission, rng):
    """MyLinear changes the last dimension alone, whatever the others are, also in float64."""
    state = linear_state(rng, 5, 10)
    for shape in [(2, 7, 3, 5), (4, 1, 5), (5,), (0, 5)]:
        x = rng.randn(*shape, dtype=torch.float64)
        output = submission.run(module_output, "MyLinear", [5, 10], [x], state=state)
        assert_tensor(output, x @ state["weight"].T + state["bias"])


@check(
    points=2,
    zh="MyLinear 的 weight、bias 和输入都得到正确的梯度。",
    hint="Use the parameters themselves in forward; .data, .detach() and copies stop the gradient.",
    hint_zh="forward 里直接用参数本身；.data、.detach() 和副本都会截断梯度。",
)
def test_my_linear_parameters_receive_gradients(submission, rng):
    """The weight, the bias and the input of MyLinear receive the right gradients."""
    state = linear_state(rng, 4, 6)
    for shape in [(3, 4), (2, 5, 4)]:
        x = rng.randn(*shape, dtype=torch.float64)
        upstream = rng.randn(*shape[:-1], 6, dtype=torch.float64)
        received = submission.run(
            module_gradients, "MyLinear", [4, 6], [x], state=state, upstream=upstream
        )
        rows, pushed = x.reshape(-1, 4), upstream.reshape(-1, 6)
        assert_tensor(received["parameters"].get("weight"), pushed.T @ rows)
        assert_tensor(received["parameters"].get("bias"), pushed.sum(0))
        assert_tensor(received["inputs"][0], upstream @ state["weight"])


@check(
    points=1,
    zh="bias=False 时，MyLinear 只有 weight，不加任何东西；搬到别的设备后就在那里计算。",
    hint="Without a bias nothing called bias may be in the state, not even zeros.",
    hint_zh="没有偏置时，state 里不能有叫 bias 的东西，全零的也不行。",
)
def test_my_linear_without_a_bias(submission, rng):
    """With bias=False MyLinear has the weight alone, adds nothing, and stays on its device."""
    x, weight = rng.randn(3, 4), rng.randn(6, 4)
    names, output = submission.run(output_without_bias, x, weight)
    assert_equal(names, ["weight"])
    assert_tensor(output, x @ weight.T)
    # A product only: other arithmetic on the meta device takes a second to load.
    _, output = submission.on("meta").run(output_without_bias, x, weight)
    assert_tensor(output, torch.empty(3, 6, device="meta"))


@check(
    points=2,
    zh="对任意多张图像，包括与类别数相同的情形，scores 都把 b 的每个数加到它那个类别的得分上。",
    hint="A (K,) beside a (K, N) is taken for a row. Make it a column, (K, 1).",
    hint_zh="(K,) 与 (K, N) 相加时会被当成一行。请把它变成一列 (K, 1)。",
)
def test_scores_of_many_pictures(submission, rng):
    """scores adds each number of b to its class, for any number of pictures, K of them too."""
    for classes, numbers, count in [(4, 7, 4), (3, 5, 8), (6, 2, 1), (5, 3, 0)]:
        weight, x = rng.randn(classes, numbers), rng.randn(numbers, count)
        bias = 3 * rng.randn(classes)
        product, mistakes = weight @ x, []
        if count == classes:
            mistakes = [
                Mistake(
                    product + bias,
                    en="Every picture has got one number of b. Each class should get one instead.",
                    zh="变成了每张图像分到 b 的一个数，而应当是每个类别一个。",
                )
            ]
        result = submission.scores(weight, x, bias)
        assert_tensor(result, product + bias[:, None], mistakes=mistakes)


@check(
    points=1,
    zh="predict_class 对每张图像各给一个类别，得分全为负数、只有一张图像时也正确。",
    hint="One answer for each column: argmax needs to be told the dimension of the classes.",
    hint_zh="每一列给出一个答案：要告诉 argmax 类别在哪一维。",
)
def test_predict_class_on_many_pictures(submission, rng):
    """predict_class gives a class for each picture, also for one, or if all scores are negative."""
    for classes, numbers, count in [(4, 6, 9), (7, 5, 7), (3, 8, 1)]:
        weight = rng.randn(classes, numbers, dtype=torch.float64)
        x = rng.randn(numbers, count, dtype=torch.float64)
        bias = rng.randn(classes, dtype=torch.float64) - 50
        expected = (weight @ x + bias[:, None]).max(dim=0).indices
        assert_tensor(submission.predict_class(weight, x, bias), expected)


@check(
    points=2,
    zh="内存不连续、有大小为 1 的维或批量为 0 时，flatten_features 和 num_flat_features 也正确。",
    hint="view(N, -1) needs a certain layout, and cannot guess the -1 when N is 0. Dimensions of "
    "size 1 count like all others.",
    hint_zh="view(N, -1) 要求特定的内存排列，而且 N 为 0 时推不出 -1 是多少。"
    "大小为 1 的维与别的维一样对待。",
)
def test_flatten_on_every_batch(submission, rng):
    """flatten_features and num_flat_features are right for any layout, sizes of 1, and no item."""
    cases = [
        ((4, 5, 3, 2), (3, 1, 0, 2)),  # not contiguous
        ((1, 6, 1, 5), (0, 2, 3, 1)),
        ((5, 1, 1), (0, 1, 2)),
        ((0, 3, 4), (0, 1, 2)),
        ((7, 4), (1, 0)),
    ]
    for shape, order in cases:
        x = rng.randn(*shape, dtype=torch.float64)
        seen = x.permute(order)
        features, rows = submission.run(flattened, x, order)
        assert_equal(features, seen[0].numel() if len(seen) else 12)
        assert_tensor(rows, seen.reshape(len(seen), features))
    assert_equal(submission.num_flat_features(rng.randn(3)), 1)


@check(
    points=1,
    zh="x 不足两维时，flatten_features 抛出 ValueError。",
    hint="flatten(1) raises IndexError here, reshape nothing at all. Look at x.dim() first.",
    hint_zh="这时 flatten(1) 抛出的是 IndexError，reshape 则什么也不抛。请先看 x.dim()。",
)
def test_flatten_refuses_what_is_no_batch_of_rows(submission, rng):
    """flatten_features raises ValueError for fewer than two dimensions."""
    for shape in [(6,), ()]:
        with raises(ValueError):
            submission.flatten_features(rng.randn(*shape))


@check(
    points=2,
    zh="无论高宽是否相同、有无偏置，linear_to_conv 都与全连接层一致，dtype 和设备也相同。",
    hint="The kernel is (h, w), rows first. A Conv2d is float32 on the CPU unless it is told.",
    hint_zh="卷积核是 (h, w)，行在前。不另外说明的话，Conv2d 建在 CPU 上，而且是 float32。",
)
def test_linear_to_conv_on_layers_of_every_size(submission, rng):
    """linear_to_conv is right for every size, with a bias or without, in fc's dtype and place."""
    for sizes, has_bias in [((3, 2, 5), True), ((2, 6, 3), False), ((1, 4, 4), True)]:
        state = linear_state(rng, sizes[0] * sizes[1] * sizes[2], 7)
        if not has_bias:
            del state["bias"]
        pictures = rng.randn(4, *sizes, dtype=torch.float64)
        made, output = submission.run(converted, state, sizes, pictures)
        assert_equal(sorted(made), sorted(state))
        expected = nn.functional.linear(pictures.flatten(1), state["weight"], state.get("bias"))
        assert_tensor(output, expected[:, :, None, None])
    made = submission.on("meta").run(converted_state, linear_state(rng, 24, 5), (2, 3, 4))
    empty = torch.empty(5, 2, 3, 4, dtype=torch.float64, device="meta")
    assert_tensor(made["weight"], empty)
    assert_tensor(made["bias"], empty[:, 0, 0, 0])


@check(
    points=2,
    zh="在更大的图像上，得到的卷积给出一张得分图：每个位置都等于全连接层对那个窗口的结果。",
    hint="Stride 1 and no padding: the kernel visits every window of h rows and w columns.",
    hint_zh="步幅为 1，不填充：卷积核走遍每个 h 行 w 列的窗口。",
)
def test_converted_layer_maps_the_scores_of_larger_pictures(submission, rng):
    """On larger pictures the convolution gives the scores of fc for every window."""
    (maps, rows, columns), state = (3, 4, 2), linear_state(rng, 24, 5)
    pictures = rng.randn(2, maps, 6, 7, dtype=torch.float64)
    _, output = submission.run(converted, state, (maps, rows, columns), pictures)
    windows = pictures.unfold(2, rows, 1).unfold(3, columns, 1)  # (N, maps, 3, 6, rows, columns)
    windows = windows.permute(0, 2, 3, 1, 4, 5).flatten(3)
    expected = nn.functional.linear(windows, state["weight"], state["bias"])
    assert_tensor(output, expected.permute(0, 3, 1, 2))


@check(
    points=2,
    zh="全连接层与得到的卷积各有各的参数：训练其中一个，另一个不变。",
    hint="A view of fc.weight is still the memory of fc.weight. Copy the numbers.",
    hint_zh="fc.weight 的视图仍是 fc.weight 的那块内存。要把数复制过来。",
)
def test_converted_layer_has_parameters_of_its_own(submission, rng):
    """A training step of fc or of the convolution changes this one, and not the other."""
    sizes, state = (6, 1, 1), linear_state(rng, 6, 5)  # the order of the numbers plays no part
    pictures = rng.randn(3, *sizes, dtype=torch.float64)
    rows = pictures.flatten(1)
    before = nn.functional.linear(rows, state["weight"], state["bias"])
    after = nn.functional.linear(rows, state["weight"] - rows.sum(0), state["bias"] - len(rows))
    for trained, expected in [("fc", [after, before]), ("conv", [before, after])]:
        outputs = submission.run(outputs_after_a_step, state, sizes, pictures, trained)
        assert_tensor(outputs[0], expected[0])
        assert_tensor(outputs[1], expected[1])


@check(
    points=1,
    zh="fc.in_features 不等于 c * h * w 时，linear_to_conv 抛出 ValueError。",
    hint="Compare before you reshape: torch's own error is a RuntimeError, or none at all.",
    hint_zh="变形之前先比较：PyTorch 自己抛出的是 RuntimeError，或者根本不报错。",
)
def test_linear_to_conv_refuses_other_sizes(submission):
    """linear_to_conv raises ValueError when the sizes do not multiply to fc.in_features."""
    for features, sizes in [(24, (2, 3, 5)), (12, (2, 3, 4)), (24, (1, 3, 4))]:
        with raises(ValueError):
            submission.run(convert, features, sizes)
