"""Hidden checks of ex15_norm_layers: every setting, gradients, devices, edges and errors."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    gradients,
    module_gradients,
    module_output,
    probe,
    raises,
)


@probe
def norm_run(student, settings, options, state, batches, later):
    """Return outputs in training and then in evaluation mode, and the state between the two."""
    layer = student.MyBatchNorm2d(*settings, **options).to(later.device, later.dtype)
    layer.load_state_dict(state)
    outputs = [layer(batch) for batch in batches]
    between = {name: value.clone() for name, value in layer.state_dict().items()}
    layer.eval()
    return [*outputs, layer(later), layer(later)], between, dict(layer.state_dict())


@probe
def grown_graphs(student, batches):
    """Return for each buffer that has moved whether it belongs to a graph."""
    layer = student.MyBatchNorm2d(batches[0].shape[1]).to(batches[0].device)
    for batch in batches:
        layer(batch.clone().requires_grad_()).sum().backward()
    return {name: buffer.requires_grad for name, buffer in layer.named_buffers()}


@probe
def one_number(student, x):
    """Return what the layer makes of one number for each map in evaluation mode."""
    return student.MyBatchNorm2d(x.shape[1]).eval()(x)


@probe
def one_number_without_running(student, x):
    """Return what the layer without running statistics makes of one number in evaluation mode."""
    return student.MyBatchNorm2d(x.shape[1], track_running_stats=False).eval()(x)


@probe
def layer_norm_of_views(student, x):
    """Return layer_norm of a transposed tensor and of every second number of its rows."""
    return [student.layer_norm(x.transpose(0, 2)), student.layer_norm(x[..., ::2])]


@probe
def scaled_in_place(student, x):
    """Return x after it was scaled and fitted in every way."""
    student.minmax(x, -2.0, 3.0)
    scaler = student.Standardizer().fit(x)
    scaler.inverse(scaler.transform(x))
    student.gd_loss(x, x[:, 0], 2, 0.01)
    return x


@probe
def fitted(student, train, test):
    """Return mean, std, a table transformed, and the same table taken as scaled and undone."""
    scaler = student.Standardizer().fit(train)
    return [scaler.mean, scaler.std, scaler.transform(test), scaler.inverse(test)]


@probe
def call_scaler(student, train, method, x):
    """Call a method of a Standardizer that was fitted to train, or to nothing."""
    scaler = student.Standardizer()
    if train is not None:
        scaler.fit(train)
    return getattr(scaler, method)(x)


def random_norm(rng, maps, settings, **options):
    """Return torch's layer in float64, with random parameters and buffers."""
    layer = nn.BatchNorm2d(maps, *settings, **options).double()
    for name, value in layer.state_dict().items():
        if name == "running_var":
            value.copy_(rng.rand(maps) + 0.5)
        elif name != "num_batches_tracked":
            value.copy_(rng.randn(maps))
    return layer


def by_hand(x, dims, eps=1e-5):
    """Return x normalised over dims in float64, but rounded to the dtype of x."""
    wide = x.double()
    var, mean = torch.var_mean(wide, dim=dims, correction=0, keepdim=True)
    return ((wide - mean) / (var + eps).sqrt()).to(x.dtype)


@check(
    points=2,
    zh="在各种 eps、momentum 和参数下，连续几批训练再到评估，输出和状态都与 nn.BatchNorm2d 一致。",
    hint="eps stands below the root; momentum is the share of the new statistics, not of the old.",
    hint_zh="eps 在根号里面；momentum 是新统计量所占的份额，不是旧的。",
)
def test_batch_norm_equals_torchs_own(submission, rng):
    """Outputs and states equal those of nn.BatchNorm2d over several batches, then in evaluation."""
    for maps, settings in [(3, (1e-2, 0.3)), (1, (1e-5, 0.1)), (4, (0.5, 0.75))]:
        layer = random_norm(rng, maps, settings)
        start = {name: value.clone() for name, value in layer.state_dict().items()}
        sizes = [(2, 5, 3), (1, 2, 1), (6, 1, 1), (3, 4, 7)]
        batches = [
            2 * rng.randn(n, maps, h, w, dtype=torch.float64) + rng.randn(maps, 1, 1)
            for n, h, w in sizes
        ]
        later = rng.randn(2, maps, 3, 5, dtype=torch.float64)
        arguments = [[maps, *settings], {}, start, batches, later]
        outputs, between, after = submission.run(norm_run, *arguments)
        expected = [layer(batch) for batch in batches]
        layer.eval()
        for output, wanted in zip(outputs, [*expected, *[layer(later)] * 2], strict=True):
            assert_tensor(output, wanted)
        for state in (between, after):
            assert_equal(sorted(state), sorted(layer.state_dict()))
            for name, value in layer.state_dict().items():
                assert_tensor(state[name], value)


@check(
    points=2,
    zh="关闭 affine 则没有参数；关闭 track_running_stats 则没有缓冲区，评估时也用这批数据。",
    hint="Without running statistics there is nothing to remember, in evaluation mode as well.",
    hint_zh="不记录统计量，就没有什么可用的旧值，评估模式下也是如此。",
)
def test_batch_norm_without_parameters_or_buffers(submission, rng):
    """Both options do as in nn.BatchNorm2d: no parameters, or no buffers and always the batch."""
    for options in (
        {"affine": False},
        {"track_running_stats": False},
        {"affine": False, "track_running_stats": False},
    ):
        layer = random_norm(rng, 3, (), **options)
        start = {name: value.clone() for name, value in layer.state_dict().items()}
        batch = rng.randn(2, 3, 4, 3, dtype=torch.float64)
        later = rng.randn(3, 3, 2, 5, dtype=torch.float64) + 1
        outputs, state, _ = submission.run(norm_run, [3], options, start, [batch], later)
        expected = [layer(batch), layer.eval()(later)]
        assert_tensor(outputs[0], expected[0])
        if not layer.track_running_stats:
            assert_tensor(outputs[1], expected[1])
        assert_equal(sorted(state), sorted(layer.state_dict()))


@check(
    points=2,
    zh="训练模式下，输入、weight 和 bias 都得到正确的梯度，平均值和方差也参与求导。",
    hint="mean and var depend on x too: no detach, no no_grad and no .data on the way to y.",
    hint_zh="mean 和 var 也依赖 x：得到 y 的路上不能有 detach、no_grad 或 .data。",
)
def test_gradients_pass_through_the_batch(submission, rng):
    """In training mode x, weight and bias get the right gradients, also through mean and var."""
    layer = random_norm(rng, 3, (0.1, 0.2))
    x, upstream = (rng.randn(4, 3, 2, 5, dtype=torch.float64) for _ in range(2))
    leaf = x.clone().requires_grad_()
    state = {name: value.clone() for name, value in layer.state_dict().items()}
    (layer(leaf) * upstream).sum().backward()
    settings = [3, 0.1, 0.2]
    received = submission.run(
        module_gradients, "MyBatchNorm2d", settings, [x], state=state, upstream=upstream
    )
    constant = (
        upstream
        * layer.weight[:, None, None]
        / (x.var((0, 2, 3), correction=0) + 0.1).sqrt()[:, None, None]
    )
    detached = Mistake(
        constant,
        en="This is the gradient that is left when mean and var count as constants.",
        zh="这是把 mean 和 var 当作常数时得到的梯度。",
    )
    assert_tensor(received["inputs"][0], leaf.grad, mistakes=[detached])
    assert_tensor(received["parameters"]["weight"], layer.weight.grad)
    assert_tensor(received["parameters"]["bias"], layer.bias.grad)


@check(
    points=1,
    zh="缓冲区不属于任何计算图，否则每一批的图都会留在内存里。",
    hint="What is remembered is a number: detach it, or move the buffers under torch.no_grad().",
    hint_zh="要记住的只是数值：先 detach，或在 torch.no_grad() 里更新缓冲区。",
)
def test_buffers_belong_to_no_graph(submission, rng):
    """The buffers belong to no graph, or the graph of every batch would stay in memory."""
    flags = submission.run(grown_graphs, [rng.randn(2, 3, 4, 2) for _ in range(2)])
    names = ["running_mean", "running_var", "num_batches_tracked"]
    assert_equal(flags, dict.fromkeys(names, False))


@check(
    points=1,
    zh="参数和缓冲区都随模块移动：在别的设备上，MyBatchNorm2d 和 layer_norm 的结果也在那个设备上。",
    hint="module.to(device) moves parameters and registered buffers, and no other tensor.",
    hint_zh="module.to(device) 只移动参数和登记过的缓冲区，别的张量不会动。",
)
def test_results_stay_on_the_device(submission, rng):
    """On another device MyBatchNorm2d and layer_norm work there, all buffers included."""
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    there = submission.on("meta")
    x = rng.randn(2, 3, 4, 5)
    state = nn.BatchNorm2d(3).state_dict()
    outputs, *_ = there.run(norm_run, [3], {}, dict(state), [x], x)
    for output in (*outputs, there.layer_norm(x)):
        assert_tensor(output, torch.empty(2, 3, 4, 5, device="meta"))


@check(
    points=1,
    zh="输入不是四维、通道数不符，或要求统计量的通道不足两个数，MyBatchNorm2d 抛出 ValueError。",
    hint="Look at x.dim(), x.shape[1] and N * H * W; the last one only where the batch is used.",
    hint_zh="检查 x.dim()、x.shape[1] 和 N * H * W；最后一项只在用到这批数据的统计量时才检查。",
)
def test_batch_norm_refuses_what_does_not_fit(submission, rng):
    """MyBatchNorm2d raises ValueError for all that does not fit, and for single numbers."""
    for size in [(2, 3, 4), (2, 3, 4, 5, 6), (3, 4), (2, 4, 5, 3), (3, 1, 4, 4), (1, 3, 1, 1)]:
        with raises(ValueError):
            submission.run(module_output, "MyBatchNorm2d", [3], [rng.randn(*size)])
    x = rng.randn(1, 3, 1, 1)
    with raises(ValueError):
        submission.run(one_number_without_running, x)
    assert_tensor(submission.run(one_number, x), x / (1 + 1e-5) ** 0.5)


@check(
    points=2,
    zh="layer_norm 对各种形状、eps、float64 以及内存不连续的张量都正确。",
    hint="dim=-1 with keepdim=True works for any number of dimensions; eps stands below the root.",
    hint_zh="dim=-1 加 keepdim=True 适用于任意维数；eps 在根号里面。",
)
def test_layer_norm_on_tensors_of_any_shape(submission, rng):
    """layer_norm is right for every shape and eps, in float64 and whatever the layout."""
    for shape in [(7,), (3, 4), (2, 3, 1), (0, 5), (2, 3, 4, 6)]:
        for eps in (1e-5, 0.3):
            x = 0.01 * rng.randn(*shape, dtype=torch.float64) + 1
            assert_tensor(submission.layer_norm(x, eps), by_hand(x, -1, eps))
    x = rng.randn(5, 3, 8, dtype=torch.float64)
    turned, stepped = submission.run(layer_norm_of_views, x)
    assert_tensor(turned, by_hand(x.transpose(0, 2), -1))
    assert_tensor(stepped, by_hand(x[..., ::2], -1))


@check(
    points=1,
    zh="梯度能通过 layer_norm 正确传到输入，平均值和方差也参与求导。",
    hint="Every output depends on all numbers of its row, through the mean and the variance.",
    hint_zh="每个输出都通过平均值和方差依赖于这一行的所有数。",
)
def test_gradients_pass_through_layer_norm(submission, rng):
    """The input receives the right gradient through layer_norm, also through mean and var."""
    x, upstream = (rng.randn(3, 2, 5, dtype=torch.float64) for _ in range(2))
    leaf = x.clone().requires_grad_()
    (nn.functional.layer_norm(leaf, [5], eps=0.2) * upstream).sum().backward()
    received = submission.run(gradients, "layer_norm", [x, 0.2], wrt=[0], upstream=upstream)
    assert_tensor(received[0], leaf.grad)


@check(
    points=2,
    zh="平均值比标准差大几千倍时，float32 的结果误差仍不超过 0.05。",
    hint="Squares of large numbers eat up all digits. Subtract the mean first, then square.",
    hint_zh="大数的平方会吃掉所有有效数字。先减平均值，再平方。",
)
def test_numbers_far_from_zero(submission, rng):
    """Within 0.05 both normalisations are right where the mean is thousands of times the spread."""
    x = rng.randn(3, 2, 6, 5) + 5000
    output = submission.run(module_output, "MyBatchNorm2d", [2], [x])
    assert_tensor(output, by_hand(x, (0, 2, 3)), rtol=0, atol=0.05)
    x = rng.randn(4, 80) - 5000
    assert_tensor(submission.layer_norm(x), by_hand(x, -1), rtol=0, atol=0.05)


@check(
    points=1,
    zh="minmax 对随机的表、任意的区间、相等的列和单独一行都正确，并保持 dtype。",
    hint="Shift and scale: first to [0, 1], then times hi - lo, plus lo. One row is all lo.",
    hint_zh="先缩放到 [0, 1]，再乘以 hi - lo，加上 lo。只有一行时全是 lo。",
)
def test_minmax_on_tables_of_any_kind(submission, rng):
    """Minmax is right for random tables, any interval, columns of equal numbers and single rows."""
    for rows, lo, hi in [(9, -3.0, -0.5), (2, 0.0, 1.0), (1, -1.0, 4.0)]:
        x = rng.randn(rows, 4, dtype=torch.float64) * 50 - 20
        x[:, 2] = -7
        smallest, largest = x.amin(0), x.amax(0)
        share = (x - smallest) / (largest - smallest)
        share[:, smallest == largest] = 0
        assert_tensor(submission.minmax(x, lo, hi), lo + share * (hi - lo))


@check(
    points=2,
    zh="Standardizer 的 mean 和 std 只来自训练表；transform 和 inverse 对任何表都用它们。",
    hint="Keep the statistics of fit; later tables are not known yet. Equal numbers have std 1.",
    hint_zh="一直用 fit 时求出的值，以后的表那时还不知道。各数相等的列，std 取 1。",
)
def test_standardizer_uses_the_training_table_alone(submission, rng):
    """Standardizer takes mean and std from fit's table, and uses them for tables of any length."""
    for rows, later in [(8, 5), (2, 1), (1, 3)]:
        train = rng.randn(rows, 3, dtype=torch.float64) * torch.tensor([0.01, 1, 300.0])
        train[:, 1] = 4
        test = 2 * rng.randn(later, 3, dtype=torch.float64) + 1
        var, mean = torch.var_mean(train, dim=0, correction=0)
        std = torch.where(var == 0, 1, var.sqrt())
        expected = [mean, std, (test - mean) / std, test * std + mean]
        for got, wanted in zip(submission.run(fitted, train, test), expected, strict=True):
            assert_tensor(got, wanted)


@check(
    points=1,
    zh="输入的表保持不变，缩放得到的是新的张量。",
    hint="x -= mean writes into the caller's table; x - mean makes a new one.",
    hint_zh="x -= mean 会改写调用者的表；x - mean 得到的是新张量。",
)
def test_tables_are_left_as_they_are(submission, rng):
    """Scaling and gradient descent leave the tables that they get as they are."""
    x = rng.randn(6, 3)
    assert_tensor(submission.run(scaled_in_place, x.clone()), x, rtol=0, atol=0)


@check(
    points=1,
    zh="形状不对、没有行、区间颠倒或列数不符时抛出 ValueError，fit 之前使用则抛出 RuntimeError。",
    hint="A column too few would be broadcast in silence; check the shape before you compute.",
    hint_zh="列数不对时广播会悄悄发生，所以计算之前先检查形状。",
)
def test_scaling_refuses_what_does_not_fit(submission, rng):
    """Wrong shapes, empty tables and intervals raise ValueError, use before fit RuntimeError."""
    table = rng.randn(4, 3)
    for bad in (rng.randn(5), rng.randn(2, 3, 4), torch.zeros(0, 3)):
        with raises(ValueError):
            submission.minmax(bad)
        with raises(ValueError):
            submission.run(call_scaler, None, "fit", bad)
    with raises(ValueError):
        submission.minmax(table, 2.0, -1.0)
    for method in ("transform", "inverse"):
        with raises(RuntimeError):
            submission.run(call_scaler, None, method, table)
        for bad in (rng.randn(4, 1), rng.randn(4, 2), rng.randn(3), rng.randn(2, 4, 3)):
            with raises(ValueError):
                submission.run(call_scaler, table, method, bad)


@check(
    points=2,
    zh="在随机的表上，gd_loss 的损失与逐步梯度下降的结果完全一致。",
    hint="w and b move together, from one gradient; X @ w is (N,), and so is y.",
    hint_zh="w 和 b 用同一次求得的梯度同时移动；X @ w 的形状是 (N,)，y 也是。",
)
def test_gd_loss_takes_the_steps_of_gradient_descent(submission, rng):
    """gd_loss returns what is left after the steps of plain gradient descent, for any table."""
    for rows, columns, steps in [(7, 3, 1), (5, 1, 4), (1, 2, 3), (4, 6, 10)]:
        X, y = rng.randn(rows, columns, dtype=torch.float64), rng.randn(rows, dtype=torch.float64)
        w, b = torch.zeros(columns, dtype=torch.float64), torch.zeros((), dtype=torch.float64)
        for _ in range(steps):
            leaves = [w.requires_grad_(), b.requires_grad_()]
            loss = (X @ w + b - y).square().mean()
            slopes = torch.autograd.grad(loss, leaves)
            w, b = (
                leaf.detach() - 0.05 * slope for leaf, slope in zip(leaves, slopes, strict=True)
            )
        expected = (X @ w + b - y).square().mean().item()
        assert_close(submission.gd_loss(X, y, steps, 0.05), expected, rtol=1e-9, atol=1e-10)
