"""Hidden checks of ex07_conv: what a lucky or a typed-in answer does not pass."""

import torch
from torch import nn

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    describe,
    gradients,
    module_gradients,
    module_output,
    probe,
    raises,
)


def correlate(picture, kernel):
    """Return the cross-correlation of a picture (H, W) with a kernel (h, w)."""
    return nn.functional.conv2d(picture[None, None], kernel[None, None])[0, 0]


@probe
def correlate_views(student, tall, wide):
    """Return corr2d of a transposed, stepped picture and a transposed kernel."""
    return student.corr2d(tall.t()[:, ::2], wide.t())


@probe
def sizes(student, settings):
    """Return conv_out_size for every setting (n, k, s, p, d)."""
    return [student.conv_out_size(*setting) for setting in settings]


@probe
def paddings(student, settings):
    """Return solve_padding for every setting (n_in, n_out, k, s, d)."""
    return [student.solve_padding(*setting) for setting in settings]


def true_size(n, k, s, p, d):
    """Return what PyTorch's own convolution makes of n numbers."""
    line, kernel = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
    return nn.functional.conv1d(line, kernel, stride=s, padding=p, dilation=d).shape[2]


def random_settings(rng, count):
    """Return settings (n, k, s, p, d) in which the kernel fits."""
    settings = []
    while len(settings) < count:
        n, k, s = rng.integer(1, 40), rng.integer(1, 8), rng.integer(1, 6)
        p, d = rng.integer(0, 5), rng.integer(1, 4)
        if n + 2 * p > d * (k - 1):
            settings.append((n, k, s, p, d))
    return settings


@check(
    points=1,
    zh="从最大的卷积核到只有一个数的卷积核，corr2d 都正确。",
    hint="A kernel as large as the picture has one position: H - h + 1 = 1 and W - w + 1 = 1.",
    hint_zh="卷积核与图像一样大时只有一个位置：H - h + 1 = 1，W - w + 1 = 1。",
)
def test_corr2d_on_kernels_of_every_size(submission, rng):
    """corr2d is right for kernels of every size, from one number to the whole picture."""
    cases = [
        ((7, 5), (7, 5)),
        ((6, 9), (1, 1)),
        ((1, 8), (1, 3)),
        ((8, 4), (3, 4)),
        ((10, 9), (2, 5)),
    ]
    for size, kernel_size in cases:
        picture, kernel = rng.randn(*size), rng.randn(*kernel_size)
        assert_tensor(submission.corr2d(picture, kernel), correlate(picture, kernel))


@check(
    points=1,
    zh="图像或卷积核在内存中不连续时，corr2d 也正确。",
    hint="Reach the numbers by index or slice; `view` and raw strides assume a layout.",
    hint_zh="用下标或切片取数；`view` 和自己写的步长都假定了内存排列。",
)
def test_corr2d_on_views(submission, rng):
    """corr2d is right for tensors that are not contiguous in memory."""
    tall, wide = rng.randn(12, 7), rng.randn(4, 3)
    expected = correlate(tall.t()[:, ::2], wide.t())
    assert_tensor(submission.run(correlate_views, tall, wide), expected)


@check(
    points=1,
    zh="corr2d 的结果与 X 的 dtype 相同。",
    hint="torch.zeros makes float32; X.new_zeros and torch.stack keep what X is.",
    hint_zh="torch.zeros 默认是 float32；X.new_zeros 和 torch.stack 会沿用 X 的类型。",
)
def test_corr2d_keeps_the_dtype(submission, rng):
    """The result of corr2d has the dtype of X and its full precision."""
    picture, kernel = rng.randn(6, 8, dtype=torch.float64), rng.randn(2, 3, dtype=torch.float64)
    assert_tensor(submission.corr2d(picture, kernel), correlate(picture, kernel))


@check(
    points=1,
    zh="corr2d 的结果与 X 在同一设备上。",
    hint="Make the result from X (X.new_zeros, torch.stack), not on the CPU, and not by .item().",
    hint_zh="结果要由 X 得到（X.new_zeros、torch.stack），不要建在 CPU 上，也不要用 .item()。",
)
def test_corr2d_stays_on_the_device(submission, rng):
    """The result of corr2d is on the device of X."""
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    result = submission.on("meta").corr2d(rng.randn(5, 7), rng.randn(3, 2))
    assert_tensor(result, torch.empty(3, 6, device="meta"))


@check(
    points=1,
    zh="任何一个方向放不下卷积核，或有一方不是二维时，corr2d 都抛出 ValueError。",
    hint="Check height and width each on their own, and the number of dimensions of both tensors.",
    hint_zh="高和宽要分别检查，两个张量的维数也都要检查。",
)
def test_corr2d_refuses_all_that_does_not_fit(submission, rng):
    """corr2d raises ValueError whenever one direction does not fit or one tensor is not 2-d."""
    cases = [
        ((9, 3), (2, 4)),
        ((3, 9), (5, 2)),
        ((6, 5), (2,)),
        ((6, 5), (1, 2, 2)),
        ((7,), (2, 2)),
    ]
    for size, kernel_size in cases:
        with raises(ValueError):
            submission.corr2d(rng.randn(*size), rng.randn(*kernel_size))


@check(
    points=2,
    zh="梯度能通过 corr2d 传到图像和卷积核，数值正确。",
    hint=".item(), .detach(), .data and numpy cut the graph; stay with tensor operations.",
    hint_zh=".item()、.detach()、.data 和 numpy 都会切断计算图，请一直使用张量运算。",
)
def test_gradients_pass_through_corr2d(submission, rng):
    """The picture and the kernel receive the right gradients through corr2d."""
    picture = rng.randn(7, 9, dtype=torch.float64).requires_grad_()
    kernel = rng.randn(3, 2, dtype=torch.float64).requires_grad_()
    upstream = rng.randn(5, 8, dtype=torch.float64)
    output = correlate(picture, kernel)
    expected = torch.autograd.grad((output * upstream).sum(), [picture, kernel])
    inputs = [picture.detach(), kernel.detach()]
    received = submission.run(gradients, "corr2d", inputs, wrt=[0, 1], upstream=upstream)
    assert_tensor(received[0], expected[0])
    assert_tensor(received[1], expected[1])


@check(
    points=1,
    zh="反向传播后，Conv2D 的 weight、bias 和输入都得到正确的梯度。",
    hint="Use the parameters themselves in forward, no copies; the bias counts at every position.",
    hint_zh="forward 里直接用参数本身，不要用副本；bias 在每个位置都起作用。",
)
def test_conv2d_parameters_receive_gradients(submission, rng):
    """The weight, the bias and the input of Conv2D receive the right gradients."""
    picture = rng.randn(8, 6, dtype=torch.float64).requires_grad_()
    weight = rng.randn(2, 3, dtype=torch.float64).requires_grad_()
    bias = rng.randn(1, dtype=torch.float64).requires_grad_()
    upstream = rng.randn(7, 4, dtype=torch.float64)
    output = correlate(picture, weight) + bias
    expected = torch.autograd.grad((output * upstream).sum(), [picture, weight, bias])
    received = submission.run(
        module_gradients,
        "Conv2D",
        [(2, 3)],
        [picture.detach()],
        state={"weight": weight.detach(), "bias": bias.detach()},
        upstream=upstream,
    )
    assert_tensor(received["inputs"][0], expected[0])
    assert_tensor(received["parameters"]["weight"], expected[1])
    assert_tensor(received["parameters"]["bias"], expected[2])


@check(
    points=1,
    zh="对多通道的一批图像，行列的步幅与填充不同时，conv_functional 也正确。",
    hint="stride and padding may be pairs (rows, columns); every kernel adds over all channels.",
    hint_zh="stride 和 padding 可以是 (行, 列)；每个卷积核要对所有输入通道求和。",
)
def test_conv_functional_on_batches(submission, rng):
    """conv_functional is right for batches, several maps and every stride and padding."""
    cases = [((1, 2, 6, 9), (3, 2, 2, 3), 1, 0), ((3, 1, 9, 7), (2, 1, 3, 1), (2, 3), (0, 2))]
    cases += [((2, 3, 8, 5), (4, 3, 1, 4), (1, 2), 1), ((2, 4, 5, 7), (1, 4, 5, 7), 3, (2, 1))]
    for size, kernel_size, stride, padding in cases:
        x = rng.randn(*size, dtype=torch.float64)
        k = rng.randn(*kernel_size, dtype=torch.float64)
        expected = nn.functional.conv2d(x, k, stride=stride, padding=padding)
        assert_tensor(submission.conv_functional(x, k, stride, padding), expected)


@check(
    points=1,
    zh="x 或 k 不是四维时，conv_functional 都抛出 ValueError。",
    hint="Torch takes some 3-d inputs in silence, so look at both numbers of dimensions yourself.",
    hint_zh="有些三维输入 PyTorch 会默默接受，所以两个张量的维数都要自己检查。",
)
def test_conv_functional_refuses_all_but_four_dimensions(submission, rng):
    """conv_functional raises ValueError whenever x or k is not 4-d."""
    for size, kernel_size in [((2, 6, 5), (3, 2, 2, 2)), ((1, 2, 6, 5), (2, 2, 2))]:
        with raises(ValueError):
            submission.conv_functional(rng.randn(*size), rng.randn(*kernel_size))


@check(
    points=1,
    zh="载入同样的参数后，make_conv 得到的层与 nn.Conv2d 的输出相同。",
    hint="Only the kernel size is set; the weight is (out_c, in_c, rows, columns), with a bias.",
    hint_zh="只设置卷积核大小；weight 的形状是 (out_c, in_c, 行, 列)，并带 bias。",
)
def test_make_conv_computes_like_a_conv2d(submission, rng):
    """A layer from make_conv gives, with the same parameters, what nn.Conv2d gives."""
    for in_c, out_c, k, kernel_size in [
        (3, 5, (2, 4), (2, 4)),
        (4, 2, 3, (3, 3)),
        (1, 3, 1, (1, 1)),
    ]:
        x, weight, bias = (
            rng.randn(2, in_c, 7, 9),
            rng.randn(out_c, in_c, *kernel_size),
            rng.randn(out_c),
        )
        state = {"weight": weight, "bias": bias}
        output = submission.run(module_output, "make_conv", [in_c, out_c, k], [x], state=state)
        assert_tensor(output, nn.functional.conv2d(x, weight, bias))


@check(
    points=1,
    zh="在大量随机设置下，conv_out_size 都与 nn.Conv2d 一致。",
    hint="Divide first and round down, then add 1; the dilated kernel spans d * (k - 1) + 1.",
    hint_zh="先除、再向下取整、最后加 1；空洞卷积核的跨度是 d * (k - 1) + 1。",
)
def test_conv_out_size_equals_nn_conv2d(submission, rng):
    """conv_out_size equals the size that nn.Conv2d gives in very many settings."""
    settings = random_settings(rng, 150)
    expected = [true_size(*setting) for setting in settings]
    assert_equal(submission.run(sizes, settings), expected)


@check(
    points=1,
    zh="卷积核放不下时，conv_out_size 抛出 ValueError。",
    hint="Compare d * (k - 1) + 1 with n + 2 * p before dividing.",
    hint_zh="做除法之前，先比较 d * (k - 1) + 1 与 n + 2 * p。",
)
def test_conv_out_size_refuses_a_kernel_that_does_not_fit(submission):
    """conv_out_size raises ValueError when the kernel does not fit the padded input."""
    for setting in [(4, 5), (2, 7, 1, 2), (6, 3, 2, 0, 3), (3, 4, 3)]:
        with raises(ValueError):
            submission.conv_out_size(*setting)


@check(
    points=2,
    zh="在随机的步幅和空洞设置下，solve_padding 都给出最小的填充。",
    hint="Dilation counts too, and a padding at which the kernel does not fit yet is just skipped.",
    hint_zh="别忘了空洞 d；某个 p 还放不下卷积核时，跳过它继续尝试更大的 p。",
)
def test_solve_padding_finds_the_smallest(submission, rng):
    """solve_padding finds the smallest padding for every stride and dilation."""
    # A kernel that fits only with padding, twice; a rest of 3/4; a dilation that needs no padding.
    settings = [(3, 3, 7, 1, 1), (2, 1, 3, 4, 2), (8, 2, 1, 4, 1), (9, 5, 3, 1, 2)]
    expected = [3, 2, 0, 0]
    for n, k, s, p, d in random_settings(rng, 60):
        n_out = true_size(n, k, s, p, d)
        fitting = [q for q in range(p + 1) if n + 2 * q > d * (k - 1)]
        settings.append((n, n_out, k, s, d))
        expected.append(next(q for q in fitting if true_size(n, k, s, q, d) == n_out))
    assert_equal(submission.run(paddings, settings), expected)


@check(
    points=1,
    zh="任何填充都得不到 n_out 时，solve_padding 抛出 ValueError。",
    hint="Put the padding that you found into conv_out_size once more before returning it.",
    hint_zh="返回之前，把得到的填充代回 conv_out_size 再验算一次。",
)
def test_solve_padding_refuses_the_impossible(submission):
    """solve_padding raises ValueError when no padding leads to the wanted size."""
    for setting in [(9, 5, 3), (10, 10, 4, 1, 3), (3, 0, 4), (20, 3, 3, 2)]:
        with raises(ValueError):
            submission.solve_padding(*setting)


@check(
    points=1,
    zh="从全零开始走几步之后，learn_kernel 的结果与梯度下降算出的完全一致，且已与计算图分离。",
    hint="The start, the sum of squares, the number of steps and X's dtype are all laid down.",
    hint_zh="起点、平方和损失、步数，以及与 X 相同的 dtype，题目都有规定。",
)
def test_learn_kernel_takes_the_steps_of_gradient_descent(submission, rng):
    """After a few steps learn_kernel has the kernel of plain gradient descent, detached."""
    picture = rng.randn(6, 7, dtype=torch.float64)
    target = correlate(picture, rng.randn(2, 3, dtype=torch.float64))
    kernel = torch.zeros(2, 3, dtype=torch.float64)
    for steps in (1, 2, 3):
        kernel.requires_grad_()
        loss = (correlate(picture, kernel) - target).square().sum()
        (slope,) = torch.autograd.grad(loss, kernel)
        kernel = kernel.detach() - 0.004 * slope
        arguments = [picture, target, steps, 0.004]
        assert_tensor(submission.learn_kernel(*arguments), kernel, rtol=0, atol=1e-5)
    described = submission.run(describe, "learn_kernel", arguments)
    assert_equal(described["requires_grad"], expected=False)


@check(
    points=2,
    zh="learn_kernel 学到的随机卷积核，在没见过的图像上也几乎没有误差。",
    hint="Learn from X and Y alone; the kernel's rows and columns follow from their shapes.",
    hint_zh="只能从 X 和 Y 学习；卷积核的行数和列数由两者的形状算出。",
)
def test_learned_kernel_predicts_new_pictures(submission, rng):
    """The kernel that learn_kernel finds predicts pictures that it has not seen."""
    picture, kernel, unseen = rng.randn(10, 9), rng.randn(2, 3), rng.randn(20, 30)
    learned = submission.learn_kernel(picture, correlate(picture, kernel), steps=40, lr=0.004)
    assert_tensor(learned, kernel, rtol=0, atol=0.05)
    loss = (correlate(unseen, learned) - correlate(unseen, kernel)).square().mean()
    assert_close(loss.item(), 0.0, rtol=0, atol=0.01)
