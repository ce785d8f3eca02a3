"""Hidden checks of ex52_resnet_blocks: torchvision's own blocks, gradients, and the edges."""

import torch
from torch import nn
from torch.nn import functional

from grader.checks import assert_close, assert_equal, assert_tensor, check, probe, raises


@probe
def make_block(student, maker, init, shortcut, options):
    """Return a block, with a shortcut of these (maps before, maps after, stride) or with x."""
    downsample = None
    if shortcut is not None:
        cin, cout, stride = shortcut
        conv = nn.Conv2d(cin, cout, 1, stride, bias=False)
        downsample = nn.Sequential(conv, nn.BatchNorm2d(cout))
    return getattr(student, maker)(*init, downsample=downsample, **options)


@probe
def in_both_modes(student, maker, init, shortcut, options, x, state):
    """Return the output in training mode, the state afterwards, and the output in evaluation."""
    block = make_block(student, maker, init, shortcut, options).to(x.device, x.dtype)
    block.load_state_dict(state)
    first = block.train()(x.clone())
    after = {name: value.clone() for name, value in block.state_dict().items()}
    return first, after, block.eval()(x)


@probe
def block_gradients(student, maker, init, shortcut, options, x, state, upstream):
    """Return the gradients of x and of all parameters, in training mode."""
    block = make_block(student, maker, init, shortcut, options).to(x.device, x.dtype)
    block.load_state_dict(state)
    x = x.clone().requires_grad_()
    (block(x) * upstream).sum().backward()
    return {"x": x.grad} | {name: value.grad for name, value in block.named_parameters()}


@probe
def shapes_of(student, maker, init, shortcut, options):
    """Return the shapes of the parameters."""
    block = make_block(student, maker, init, shortcut, options)
    return {name: list(value.shape) for name, value in block.named_parameters()}


@probe
def left_of_x(student, maker, init, shortcut, x):
    """Return x after it went through a block as a turned view, and the shape for no pictures."""
    block = make_block(student, maker, init, shortcut, {}).to(x.device, x.dtype).eval()
    with torch.no_grad():
        block(x.transpose(2, 3))
        return x, block(x[:0]).shape


@probe
def shortcut_output(student, setting, x, state):
    """Return what the layers of make_downsample make of x, in evaluation mode."""
    layers = student.make_downsample(*setting).to(x.device, x.dtype)
    layers.load_state_dict(state)
    return layers.eval()(x)


@probe
def around_depth_gradient(student, x, kernels, residual):
    """Return weights, their .grad and requires_grad after depth_gradient, with and without."""
    told = []
    for asks in (True, False):
        weights = [kernel.clone().requires_grad_(asks) for kernel in kernels]
        if asks:
            for weight in weights:
                weight.grad = torch.ones_like(weight)
        value = student.depth_gradient(x, weights, residual=residual)
        flags = [weight.requires_grad for weight in weights]
        grads = [weight.grad for weight in weights]
        told.append([value, [weight.detach() for weight in weights], flags, grads])
    return told


def torchvisions(maker, init, shortcut, options):
    """Return torchvision's own block."""
    from torchvision.models import resnet  # not above: imports travel with the probes

    downsample = None
    if shortcut is not None:
        cin, cout, stride = shortcut
        conv = nn.Conv2d(cin, cout, 1, stride, bias=False)
        downsample = nn.Sequential(conv, nn.BatchNorm2d(cout))
    options = {name.replace("width_per_group", "base_width"): n for name, n in options.items()}
    return getattr(resnet, maker)(*init, downsample=downsample, **options)


def randomised(rng, block):
    """Fill the parameters and averages of a float64 block with random numbers."""
    for name, value in block.state_dict().items():
        if name.endswith("running_var"):
            value.copy_(0.5 + rng.rand(*value.shape, dtype=torch.float64))
        elif value.is_floating_point():
            spread = 0.5 if value.dim() == 1 else 1 / value[0].numel() ** 0.5
            value.copy_(spread * rng.randn(*value.shape, dtype=torch.float64))
    return block


def copied(block):
    """Return a copy of the state of a block."""
    return {name: value.clone() for name, value in block.state_dict().items()}


BASIC = [
    ("BasicBlock", [5, 5], None, {}, (3, 5, 6, 9)),
    ("BasicBlock", [4, 7, 2], (4, 7, 2), {}, (2, 4, 7, 10)),
    ("BasicBlock", [6, 6], (6, 6, 1), {}, (1, 6, 3, 5)),
    ("BasicBlock", [3, 5, 3], (3, 5, 3), {"groups": 1}, (2, 3, 8, 7)),
]
NARROW = [
    ("Bottleneck", [12, 3], None, {}, (3, 12, 5, 4)),
    ("Bottleneck", [6, 4, 2], (6, 16, 2), {}, (2, 6, 7, 10)),
    ("Bottleneck", [8, 2], (8, 8, 1), {}, (1, 8, 4, 3)),
    ("Bottleneck", [5, 6, 3], (5, 24, 3), {"groups": 3, "width_per_group": 32}, (2, 5, 8, 7)),
]


def compare(submission, rng, cases):
    """Compare outputs and running statistics with torchvision's, in float64 and float32."""
    for maker, init, shortcut, options, size in cases:
        block = randomised(rng, torchvisions(maker, init, shortcut, options).double())
        x, state = rng.randn(*size, dtype=torch.float64), copied(block)
        with torch.no_grad():
            first, after, last = block.train()(x), copied(block), block.eval()(x)
        for dtype, tolerance in [(torch.float64, 1e-9), (torch.float32, 2e-3)]:
            sent = {
                name: value.to(dtype) if value.is_floating_point() else value
                for name, value in state.items()
            }
            told = submission.run(in_both_modes, maker, init, shortcut, options, x.to(dtype), sent)
            close = {"rtol": tolerance, "atol": tolerance}
            assert_tensor(told[0], first.to(dtype), **close)
            for name in after:
                if "running" in name:
                    assert_tensor(told[1][name], after[name].to(dtype), **close)
            assert_tensor(told[2], last.to(dtype), **close)


@check(
    points=2,
    zh="载入同样的参数，BasicBlock 在训练和评估模式下都与 torchvision 的块一致。",
    hint="Each norm sees the whole batch in training; the shortcut starts from x, not from out.",
    hint_zh="训练时两个归一化层都按整批计算；捷径从 x 出发，而不是从 out 出发。",
)
def test_basic_block_equals_torchvisions(submission, rng):
    """BasicBlock gives what torchvision's gives, in training and in evaluation mode."""
    compare(submission, rng, BASIC)


@check(
    points=3,
    zh="载入同样的参数，Bottleneck 在训练和评估模式下都与 torchvision 的块一致。",
    hint="Which convolution has the stride (a 1 x 1 would skip pixels), and which has groups?",
    hint_zh="哪一个卷积带步幅（放在 1 x 1 上会漏看像素），哪一个分组？",
)
def test_bottleneck_equals_torchvisions(submission, rng):
    """Bottleneck gives what torchvision's gives, in training and in evaluation mode."""
    compare(submission, rng, NARROW)


@check(
    points=2,
    zh="x 和两种块的全部参数都得到正确的梯度。",
    hint="Nothing may be detached or changed in place that the backward pass still needs.",
    hint_zh="反向传播还要用到的张量，不能 detach，也不能就地修改。",
)
def test_gradients_reach_x_and_all_parameters(submission, rng):
    """x and all parameters of both blocks receive the right gradients."""
    for maker, init, shortcut, options, size in [BASIC[0], BASIC[1], NARROW[0], NARROW[1]]:
        block = randomised(rng, torchvisions(maker, init, shortcut, options).double())
        x, state = rng.randn(*size, dtype=torch.float64), copied(block)
        leaf = x.clone().requires_grad_()
        output = block(leaf)
        upstream = rng.randn(*output.shape, dtype=torch.float64)
        (output * upstream).sum().backward()
        expected = {"x": leaf.grad} | {name: v.grad for name, v in block.named_parameters()}
        told = submission.run(block_gradients, maker, init, shortcut, options, x, state, upstream)
        assert_equal(sorted(told), sorted(expected))
        for name, value in expected.items():
            assert_tensor(told[name], value, rtol=1e-7, atol=1e-7)


@check(
    points=2,
    zh="groups 和 width_per_group 决定 Bottleneck 中间有多宽，ResNeXt 和 Wide ResNet 由此而来。",
    hint="First the width of one group, rounded down; then times the number of groups.",
    hint_zh="先算一组的宽度（向下取整），再乘以组数。",
)
def test_groups_decide_the_width(submission):
    """Groups and width_per_group decide how wide the middle of a Bottleneck is."""
    for init, groups, per_group in [
        ((64, 64), 32, 4),
        ((9, 24), 32, 4),
        ((20, 40, 2), 1, 128),
        ((3, 70), 1, 64),
    ]:
        before, after = init[:2]
        width = after * per_group // 64 * groups
        options = {"groups": groups, "width_per_group": per_group} if per_group != 64 else {}
        shortcut = (before, 4 * after, (*init, 1)[2])
        found = submission.run(shapes_of, "Bottleneck", list(init), shortcut, options)
        kernels = {name: shape for name, shape in found.items() if name.startswith("conv")}
        expected = {
            "conv1.weight": [width, before, 1, 1],
            "conv2.weight": [width, width // groups, 3, 3],
            "conv3.weight": [4 * after, width, 1, 1],
        }
        assert_equal(kernels, expected)
        assert_equal([found["bn1.weight"], found["bn3.bias"]], [[width], [4 * after]])


@check(
    points=1,
    zh="x 与分支不符而又没有 downsample 时，两种块都抛出 ValueError；BasicBlock 也不接受分组。",
    hint="The branch ends with out_channel * expansion maps; x must have as many, and stride 1.",
    hint_zh="分支最后有 out_channel * expansion 张特征图；x 也要有这么多，而且步幅为 1。",
)
def test_blocks_refuse_what_does_not_fit(submission):
    """Both blocks raise ValueError where x does not fit, and BasicBlock where it has groups."""
    for maker, init, options in [
        ("Bottleneck", [16, 16], {}),
        ("Bottleneck", [16, 4, 2], {}),
        ("Bottleneck", [1, 4], {}),
        ("BasicBlock", [4, 1], {}),
        ("BasicBlock", [4, 4, 2], {}),
        ("BasicBlock", [6, 6], {"groups": 2}),
        ("BasicBlock", [6, 6], {"width_per_group": 128}),
    ]:
        with raises(ValueError):
            submission.run(shapes_of, maker, init, None, options)


@check(
    points=1,
    zh="块不改动 x；x 在内存中不连续，或者一张图像也没有时，块也能计算。",
    hint="x += ... writes into the tensor of the caller; x + ... makes a new one.",
    hint_zh="x += …… 会写进调用者的张量；x + …… 则得到新的张量。",
)
def test_blocks_leave_x_as_it_is(submission, rng):
    """A block leaves x as it is, takes views, and takes a batch of no pictures."""
    for maker, init, shortcut in [
        ("BasicBlock", [4, 4], None),
        ("BasicBlock", [4, 6, 2], (4, 6, 2)),
        ("Bottleneck", [4, 1], None),
        ("Bottleneck", [4, 2, 2], (4, 8, 2)),
    ]:
        x = rng.randn(2, 4, 6, 10)
        left, shape = submission.run(left_of_x, maker, init, shortcut, x)
        assert_tensor(left, x)
        size = (0, 4, 6, 10) if shortcut is None else (0, shortcut[1], 3, 5)
        assert_equal(tuple(shape), size)


@check(
    points=1,
    zh="载入同样的参数，make_downsample 的层与 1 x 1 卷积加归一化的结果相同。",
    hint="Kernel 1 and no padding: with padding the size would not be that of the branch.",
    hint_zh="卷积核为 1，不填充：如果填充，尺寸就与分支不同了。",
)
def test_downsample_computes_the_shortcut(submission, rng):
    """The layers of make_downsample give what a 1 x 1 convolution and a norm give."""
    for setting, size in [((3, 8, 2), (2, 3, 7, 6)), ((4, 6, 1), (1, 4, 5, 3))]:
        cin, cout, stride = setting
        layers = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))
        layers = randomised(rng, layers.double()).eval()
        x = rng.randn(*size, dtype=torch.float64)
        told = submission.run(shortcut_output, setting, x, copied(layers))
        assert_tensor(told, layers(x).detach())


@check(
    points=2,
    zh="无论有没有捷径和归一化，depth_gradient 都给出第一层的梯度大小，是一个 float。",
    hint="One gradient, that of weights[0]; the norm is torch's, not a sum and not a mean.",
    hint_zh="只要一个梯度，即 weights[0] 的；它的大小是平方和的平方根，不是和，也不是平均。",
)
def test_depth_gradient_is_the_norm_of_the_first_gradient(submission, rng):
    """depth_gradient gives the size of the first gradient, with and without shortcuts and norms."""
    for depth, channels, size in [(1, 3, (2, 5)), (4, 5, (4, 3)), (9, 2, (6, 7))]:
        x = rng.randn(3, channels, *size, dtype=torch.float64)
        weights = [
            0.4 * rng.randn(channels, channels, 3, 3, dtype=torch.float64) for _ in range(depth)
        ]
        for residual in (False, True):
            for norm in (False, True):
                first = weights[0].clone().requires_grad_()
                h = x
                for weight in [first, *weights[1:]]:
                    f = functional.conv2d(h, weight, padding=1)
                    f = functional.batch_norm(f, None, None, training=True) if norm else f
                    h = f.relu() + (h if residual else 0)
                expected = torch.autograd.grad(h.sum(), first)[0].norm().item()
                told = submission.depth_gradient(x, weights, residual=residual, norm=norm)
                assert_close(told, expected, rtol=1e-6, atol=1e-9)


@check(
    points=1,
    zh="depth_gradient 不改动 weights：数值、.grad 和 requires_grad 都保持原样。",
    hint="Let weights[0].detach() ask for a gradient; backward() would add to every .grad.",
    hint_zh="让 weights[0].detach() 去要求梯度。backward() 会累加到所有权重的 .grad 上。",
)
def test_depth_gradient_leaves_the_weights_alone(submission, rng):
    """depth_gradient leaves the weights as they are, with their .grad and requires_grad."""
    x = rng.randn(2, 3, 4, 5)
    kernels = [0.5 * rng.randn(3, 3, 3, 3) for _ in range(3)]
    for residual in (False, True):
        told = submission.run(around_depth_gradient, x, kernels, residual)
        for asks, (_, weights, flags, grads) in zip((True, False), told, strict=True):
            for weight, kernel in zip(weights, kernels, strict=True):
                assert_tensor(weight, kernel)
            assert_equal(flags, [asks] * 3)
            for grad in grads:
                if asks:
                    assert_tensor(grad, torch.ones(3, 3, 3, 3))
                else:
                    assert_equal(grad, None)
        assert_close(told[0][0], told[1][0])
