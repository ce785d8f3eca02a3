"""Hidden checks of ex08_conv_options: many settings, and what no typed-in answer passes."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
)

MODES = ("zeros", "reflect", "replicate", "circular")


def conv_layer(x, w, p, mode):
    """Return what nn.Conv2d makes of x with weight w, padding p and this padding mode."""
    size = tuple(w.shape[2:])
    layer = nn.Conv2d(w.shape[1], w.shape[0], size, padding=p, padding_mode=mode, bias=False)
    layer.weight = nn.Parameter(w)
    return layer(x).detach()


@probe
def call_each(student, name, cases):
    """Return what the student's function gives for the arguments of each case."""
    return [getattr(student, name)(*case) for case in cases]


@probe
def on_views(student, pictures, kernels, transposed):
    """Return results for pictures with the channels last in memory and kernels turned over."""
    x = pictures.permute(0, 3, 1, 2)[..., ::2]
    grouped = student.grouped_conv(x, kernels.transpose(2, 3), 2)
    return grouped, student.conv_transpose(x[:, :1], transposed.transpose(2, 3), 2)


@probe
def slopes(student, cases):
    """Return, for every (name, x, w, more, upstream), the gradients of x and of w."""
    results = []
    for name, x, w, more, upstream in cases:
        watched = [x.clone().requires_grad_(), w.clone().requires_grad_()]
        output = getattr(student, name)(*watched, *more)
        results.append(torch.autograd.grad((output * upstream).sum(), watched))
    return results


@probe
def slope_of_the_kernel(student, w, d, upstream):
    """Return the gradient of w through dilate_kernel."""
    watched = w.clone().requires_grad_()
    return torch.autograd.grad((student.dilate_kernel(watched, d) * upstream).sum(), watched)[0]


@check(
    points=1,
    zh="任何 k 和 d 下，same_padding 都保持尺寸；做不到时抛出 ValueError，做得到就不拒绝。",
    hint="Whether it works depends on d * (k - 1), not on k alone.",
    hint_zh="能否做到取决于 d * (k - 1)，而不只是 k。",
)
def test_same_padding_of_every_kernel(submission):
    """same_padding keeps the size for every k and d where that can be, and refuses only others."""
    settings = [(k, d) for k in range(1, 12) for d in range(1, 6)]
    possible = [(k, d) for k, d in settings if d * (k - 1) % 2 == 0]
    expected = [
        next(p for p in range(30) if 2 * p == d * (k - 1))  # n + 2p - d(k - 1) = n
        for k, d in possible
    ]
    assert_equal(submission.run(call_each, "same_padding", possible), expected)
    for k, d in [(2, 1), (6, 3), (10, 5)]:
        with raises(ValueError):
            submission.same_padding(k, d)


@check(
    points=2,
    zh="对一批多通道图像，行列填充不同时，pad_then_conv 在每种模式下都与 nn.Conv2d 一致。",
    hint="p may be a number or a pair (rows, columns), and 0; F.pad wants the columns first.",
    hint_zh="p 可以是一个数，也可以是（行, 列），还可以是 0；F.pad 要求先写列。",
)
def test_pad_then_conv_equals_the_layer(submission, rng):
    """pad_then_conv equals nn.Conv2d for batches, any padding and every mode."""
    shapes = [((1, 2, 4, 7), (3, 2, 3, 2), (3, 1)), ((2, 3, 6, 5), (1, 3, 2, 4), 2)]
    shapes += [((3, 1, 5, 4), (2, 1, 1, 3), (0, 3))]
    cases = [
        (rng.randn(*shape, dtype=torch.float64), rng.randn(*kernel, dtype=torch.float64), p, mode)
        for shape, kernel, p in shapes
        for mode in MODES
    ]
    results = submission.run(call_each, "pad_then_conv", cases)
    for case, result in zip(cases, results, strict=True):
        assert_tensor(result, conv_layer(*case))


@check(
    points=1,
    zh="不论步幅是一个数还是一对数，strided_from_dense 都与 stride=s 的卷积一致。",
    hint="The first place always counts; a step that leads out of y does not.",
    hint_zh="第一个位置总是算的；会走出 y 的一步不算。",
)
def test_strided_from_dense_equals_the_stride(submission, rng):
    """strided_from_dense equals a convolution with that stride, a number or a pair."""
    for shape, kernel, s in [
        ((2, 3, 9, 8), (4, 3, 2, 3), 2),
        ((1, 2, 7, 10), (3, 2, 3, 1), (1, 3)),
        ((3, 1, 6, 5), (1, 1, 3, 2), (5, 1)),
    ]:
        x, w = rng.randn(*shape), rng.randn(*kernel)
        expected = nn.functional.conv2d(x, w, stride=s)
        dense = nn.functional.conv2d(x, w)
        assert_tensor(submission.strided_from_dense(dense, s), expected)


@check(
    points=1,
    zh="对各种形状的卷积核和各种 d，dilate_kernel 之后的普通卷积都等于空洞卷积。",
    hint="Rows and columns are spread separately; d = 1 changes nothing.",
    hint_zh="行和列要分别拉开；d = 1 时什么都不变。",
)
def test_dilate_kernel_equals_the_dilation(submission, rng):
    """With dilate_kernel an ordinary convolution is a dilated one, for kernels of any shape."""
    for kernel, d in [((3, 2, 2, 4), 3), ((1, 3, 3, 1), 2), ((2, 1, 2, 3), 1), ((2, 2, 1, 1), 4)]:
        w = rng.randn(*kernel)
        expected = w.new_zeros(*kernel[:2], d * (kernel[2] - 1) + 1, d * (kernel[3] - 1) + 1)
        expected[:, :, ::d, ::d] = w
        assert_tensor(submission.dilate_kernel(w, d), expected)


@check(
    points=2,
    zh="从一组到每个通道一组，grouped_conv 都与 F.conv2d(groups=groups) 一致。",
    hint="A group has C / groups input maps and O / groups kernels; the two numbers may differ.",
    hint_zh="每组有 C / groups 个输入通道和 O / groups 个卷积核，这两个数可以不同。",
)
def test_grouped_conv_in_any_number_of_groups(submission, rng):
    """grouped_conv equals F.conv2d with groups, from one group to one for each map."""
    for shape, kernel, groups in [
        ((2, 6, 5, 7), (9, 2, 2, 3), 3),
        ((1, 4, 6, 4), (8, 1, 3, 1), 4),  # depthwise
        ((3, 3, 4, 5), (2, 3, 4, 5), 1),
        ((1, 8, 3, 6), (2, 4, 1, 2), 2),
    ]:
        x, w = rng.randn(*shape), rng.randn(*kernel)
        expected = nn.functional.conv2d(x, w, groups=groups)
        assert_tensor(submission.grouped_conv(x, w, groups), expected)


@check(
    points=1,
    zh="输入通道数、卷积核个数或卷积核的通道数与 groups 不配时，grouped_conv 抛出 ValueError。",
    hint="Three numbers have to fit: C, O, and the maps that a kernel has.",
    hint_zh="有三个数要配得上：C、O，以及每个卷积核的通道数。",
)
def test_grouped_conv_refuses_what_does_not_divide(submission, rng):
    """grouped_conv raises ValueError when C, O or the maps of a kernel do not fit the groups."""
    for maps, kernels, groups in [
        (5, (4, 2, 2, 2), 2),
        (4, (5, 2, 2, 2), 2),
        (6, (4, 6, 2, 2), 2),
        (6, (3, 1, 2, 2), 3),
    ]:
        with raises(ValueError):
            submission.grouped_conv(rng.randn(1, maps, 4, 5), rng.randn(*kernels), groups)


def transposed_settings(rng, count):
    """Return settings (n, k, s, p, op, d) that nn.ConvTranspose2d takes."""
    settings = []
    while len(settings) < count:
        n, k, s, d = rng.integer(1, 9), rng.integer(1, 6), rng.integer(1, 5), rng.integer(1, 4)
        p, op = rng.integer(0, 5), rng.integer(0, max(s, d))
        if (n - 1) * s + d * (k - 1) + op >= 2 * p:
            settings.append((n, k, s, p, op, d))
    return settings


@check(
    points=1,
    zh="在大量随机设置下，transposed_out_size 都与 nn.ConvTranspose2d 一致。",
    hint="The spread kernel spans d * (k - 1) + 1 places; the copies begin s apart.",
    hint_zh="拉开后的卷积核占 d * (k - 1) + 1 个位置；各份的起点相隔 s。",
)
def test_transposed_out_size_equals_the_layer(submission, rng):
    """transposed_out_size equals the size that nn.ConvTranspose2d gives in very many settings."""
    settings = transposed_settings(rng, 60)
    # A size of 1, twice; an output padding that only the dilation allows.
    settings += [(1, 3, 1, 1, 0, 1), (1, 2, 1, 1, 0, 2), (2, 2, 1, 0, 2, 3)]
    expected = []
    for n, k, s, p, op, d in settings:
        line, kernel = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
        result = nn.functional.conv_transpose1d(line, kernel, None, s, p, op, 1, d)
        expected.append(result.shape[2])
    assert_equal(submission.run(call_each, "transposed_out_size", settings), expected)


@check(
    points=1,
    zh="op 太大，或者什么都不剩时，transposed_out_size 抛出 ValueError。",
    hint="op has to be smaller than the larger of s and d, and the size at least 1.",
    hint_zh="op 必须小于 s 和 d 中较大的那个，尺寸至少为 1。",
)
def test_transposed_out_size_refuses_the_impossible(submission):
    """transposed_out_size raises ValueError when op is too large or nothing is left."""
    for setting in [
        (3, 3, 1, 0, 1),
        (4, 3, 2, 0, 2),
        (4, 3, 2, 0, 3, 3),
        (1, 3, 1, 2),
        (2, 1, 1, 1),
    ]:
        with raises(ValueError):
            submission.transposed_out_size(*setting)


@check(
    points=2,
    zh="conv_transpose 等于 conv2d 对输入的梯度：各种形状、步幅和填充都成立。",
    hint="w is (input maps, output maps, rows, columns); the copies begin stride apart.",
    hint_zh="w 是（输入通道, 输出通道, 行, 列）；各份卷积核的起点相隔 stride。",
)
def test_conv_transpose_is_the_gradient_of_a_convolution(submission, rng):
    """conv_transpose equals the gradient of conv2d with respect to its input."""
    for shape, kernel, stride, padding in [
        ((2, 3, 4, 5), (3, 2, 3, 2), 1, 1),
        ((1, 2, 3, 4), (2, 4, 2, 3), 3, 0),
        ((2, 4, 5, 3), (4, 1, 4, 3), 2, 2),
        ((3, 1, 1, 2), (1, 3, 5, 4), 2, 1),
    ]:
        x, w = rng.randn(*shape), rng.randn(*kernel)
        rows, columns = (
            (n - 1) * stride + k - 2 * padding for n, k in zip(shape[2:], kernel[2:], strict=True)
        )
        picture = torch.zeros(shape[0], kernel[1], rows, columns)
        output = nn.functional.conv2d(picture.requires_grad_(), w, None, stride, padding)
        (expected,) = torch.autograd.grad(output, picture, x)
        assert_tensor(submission.conv_transpose(x, w, stride, padding), expected)


@check(
    points=1,
    zh="output_padding 扩大的是画布，裁边时裁的是画布，结果与 F.conv_transpose2d 一致。",
    hint="Make the canvas larger first and cut off the padding last; then the new rows and columns "
    "show what padding would have cut away.",
    hint_zh="先扩大画布，最后才裁掉填充；这样多出的行和列里，就有原本会被裁掉的数。",
)
def test_conv_transpose_with_output_padding(submission, rng):
    """output_padding makes the canvas of conv_transpose larger before the padding is cut off."""
    for shape, kernel, stride, padding, more in [
        ((2, 2, 3, 4), (2, 3, 3, 4), 2, 1, 1),
        ((1, 3, 4, 2), (3, 1, 4, 3), 3, 2, 1),
        ((1, 1, 2, 3), (1, 2, 2, 3), 4, 1, 3),
    ]:
        x, w = rng.randn(*shape), rng.randn(*kernel)
        settings = {"stride": stride, "padding": padding}
        short = nn.functional.conv_transpose2d(x, w, **settings)
        appended = Mistake(
            nn.functional.pad(short, (0, more, 0, more)),
            en="Zeros were put behind the finished result. The canvas has to be larger before "
            "it is cut.",
            zh="在做好的结果后面补了 0。应该在裁边之前就把画布扩大。",
        )
        expected = nn.functional.conv_transpose2d(x, w, output_padding=more, **settings)
        result = submission.conv_transpose(x, w, stride, padding, more)
        assert_tensor(result, expected, mistakes=[appended])


@check(
    points=1,
    zh="通道数不配、output_padding 太大或什么都不剩时，conv_transpose 抛出 ValueError。",
    hint="The first dimension of w counts the maps of x; transposed_out_size refuses the rest.",
    hint_zh="w 的第一维是 x 的通道数；其余情况 transposed_out_size 会拒绝。",
)
def test_conv_transpose_refuses_what_does_not_fit(submission, rng):
    """conv_transpose raises ValueError for other maps, too much output padding or no result."""
    for shape, kernel, settings in [
        ((1, 2, 3, 4), (3, 2, 2, 2), ()),
        ((1, 2, 3, 4), (1, 2, 2, 2), ()),
        ((1, 2, 3, 4), (2, 3, 2, 2), (2, 0, 2)),
        ((1, 1, 5, 1), (1, 1, 2, 2), (1, 1)),
        ((1, 1, 1, 5), (1, 1, 2, 2), (1, 1)),
    ]:
        with raises(ValueError):
            submission.conv_transpose(rng.randn(*shape), rng.randn(*kernel), *settings)


@check(
    points=1,
    zh="结果与输入的 dtype 和设备都相同。",
    hint="torch.zeros is float32 and on the CPU; x.new_zeros keeps what x is.",
    hint_zh="torch.zeros 是 CPU 上的 float32；x.new_zeros 则与 x 相同。",
)
def test_results_keep_dtype_and_device(submission, rng):
    """Every result has the dtype of the input and is on its device."""
    x, w = rng.randn(2, 4, 5, 6, dtype=torch.float64), rng.randn(4, 2, 3, 2, dtype=torch.float64)
    spread = nn.functional.conv_transpose2d(x[:, :1], w[:1, :1])
    for name, case, expected in [
        ("pad_then_conv", (x[:, :2], w, 1, "zeros"), conv_layer(x[:, :2], w, 1, "zeros")),
        ("strided_from_dense", (x, 2), x[:, :, ::2, ::2]),
        ("dilate_kernel", (w, 1), w),
        ("grouped_conv", (x[:, :2], w, 1), nn.functional.conv2d(x[:, :2], w)),
        ("conv_transpose", (x[:, :1], w[:1, :1]), spread),
    ]:
        assert_tensor(submission.run(call_each, name, [case])[0], expected)
        # "meta" is a device that every machine has; a result made elsewhere shows as on a GPU.
        result = submission.on("meta").run(call_each, name, [case])[0]
        assert_tensor(result, expected.to("meta"))


@check(
    points=1,
    zh="输入在内存中不连续时，grouped_conv 和 conv_transpose 也正确。",
    hint="`view` wants its numbers side by side in memory; reshape, slices and einsum do not.",
    hint_zh="`view` 要求数据在内存中连续；reshape、切片和 einsum 都没有这个要求。",
)
def test_results_on_views(submission, rng):
    """grouped_conv and conv_transpose are right for tensors that are not contiguous."""
    pictures, kernels = rng.randn(2, 5, 12, 4), rng.randn(6, 2, 3, 2)
    transposed = rng.randn(1, 1, 2, 3)
    x = pictures.permute(0, 3, 1, 2)[..., ::2]
    grouped, spread = submission.run(on_views, pictures, kernels, transposed)
    assert_tensor(grouped, nn.functional.conv2d(x, kernels.transpose(2, 3), groups=2))
    turned = transposed.transpose(2, 3)
    assert_tensor(spread, nn.functional.conv_transpose2d(x[:, :1], turned, stride=2))


@check(
    points=2,
    zh="用到卷积核的每个函数里，图像和卷积核都得到正确的梯度。",
    hint=".data, .detach(), .item() and numpy cut the graph; stay with tensor operations.",
    hint_zh=".data、.detach()、.item() 和 numpy 都会切断计算图，请一直使用张量运算。",
)
def test_gradients_reach_pictures_and_kernels(submission, rng):
    """Pictures and kernels receive the right gradients wherever there are kernels."""
    cases, expected = [], []
    for name, shape, kernel, more, right in [
        ("pad_then_conv", (2, 2, 4, 5), (3, 2, 2, 3), (2, "circular"), conv_circular),
        ("grouped_conv", (2, 4, 5, 4), (6, 2, 3, 2), (2,), conv_in_two_groups),
        ("conv_transpose", (2, 1, 3, 4), (1, 1, 2, 3), (2, 1), conv_spread),
    ]:
        x = rng.randn(*shape, dtype=torch.float64)
        w = rng.randn(*kernel, dtype=torch.float64)
        watched = [x.clone().requires_grad_(), w.clone().requires_grad_()]
        output = right(*watched)
        upstream = rng.randn(*output.shape, dtype=torch.float64)
        cases.append((name, x, w, more, upstream))
        expected.append(torch.autograd.grad((output * upstream).sum(), watched))
    for received, wanted in zip(submission.run(slopes, cases), expected, strict=True):
        assert_tensor(received[0], wanted[0])
        assert_tensor(received[1], wanted[1])
    w, upstream = (
        rng.randn(2, 3, 2, 3, dtype=torch.float64),
        rng.randn(2, 3, 4, 7, dtype=torch.float64),
    )
    received = submission.run(slope_of_the_kernel, w, 3, upstream)
    assert_tensor(received, upstream[:, :, ::3, ::3].contiguous())


def conv_circular(x, w):
    """Convolve with two numbers of the opposite side around the picture."""
    return nn.functional.conv2d(nn.functional.pad(x, (2, 2, 2, 2), mode="circular"), w)


def conv_in_two_groups(x, w):
    """Convolve in two groups."""
    return nn.functional.conv2d(x, w, groups=2)


def conv_spread(x, w):
    """Convolve transposed with stride 2 and padding 1."""
    return nn.functional.conv_transpose2d(x, w, None, 2, 1)
