"""Public checks of ex52_resnet_blocks: names, shapes, the shortcut, and the depth."""

import torch
from torch import nn
from torch.nn import functional

from grader.checks import Mistake, assert_close, assert_equal, assert_tensor, check, probe, raises


@probe
def make_block(student, maker, init, shortcut):
    """Return a block, with a shortcut of these (maps before, maps after, stride) or with x."""
    downsample = None
    if shortcut is not None:
        cin, cout, stride = shortcut
        conv = nn.Conv2d(cin, cout, 1, stride, bias=False)
        downsample = nn.Sequential(conv, nn.BatchNorm2d(cout))
    return getattr(student, maker)(*init, downsample=downsample)


@probe
def names_and_sizes(student, maker, init, shortcut):
    """Return the expansion of a block, and the shapes in its state."""
    block = make_block(student, maker, init, shortcut)
    state = {name: list(value.shape) for name, value in block.state_dict().items()}
    return getattr(student, maker).expansion, state


@probe
def block_output(student, maker, init, x, state):
    """Return the output of a block without a downsample, in evaluation mode, with this state."""
    block = make_block(student, maker, init, None).to(x.device, x.dtype)
    block.load_state_dict(state)
    return block.eval()(x)


@probe
def silenced(student, maker, init, shortcut, last, x):
    """Return what a block in training mode makes of x when its norm `last` multiplies by 0."""
    block = make_block(student, maker, init, shortcut).to(x.device, x.dtype)
    norm = block.get_submodule(last)
    nn.init.zeros_(norm.weight)
    nn.init.zeros_(norm.bias)
    return block(x), None if shortcut is None else block.downsample(x)


@probe
def shortcut_layers(student, settings):
    """Return for each setting the layers of make_downsample with their settings, or None."""
    found = []
    for setting in settings:
        layers = student.make_downsample(*setting)
        if layers is None:
            found.append(None)
        else:
            conv, norm = layers
            kinds = [type(conv).__name__, type(norm).__name__]
            shapes = {name: list(value.shape) for name, value in layers.state_dict().items()}
            found.append([*kinds, list(conv.stride), shapes])
    return found


def norm_shapes(name, maps):
    """Return the names and shapes of a BatchNorm2d."""
    parts = ["weight", "bias", "running_mean", "running_var"]
    return {f"{name}.{part}": [maps] for part in parts} | {f"{name}.num_batches_tracked": []}


def random_norm(rng, name, maps):
    """Return a random state for a BatchNorm2d."""
    return {
        f"{name}.weight": rng.randn(maps),
        f"{name}.bias": rng.randn(maps),
        f"{name}.running_mean": rng.randn(maps),
        f"{name}.running_var": 0.5 + rng.rand(maps),
        f"{name}.num_batches_tracked": torch.tensor(7),
    }


def normed(x, state, name):
    """Return what a BatchNorm2d of this state makes of x in evaluation mode."""
    parts = (state[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
    return functional.batch_norm(x, *parts)


@check(
    points=1,
    zh="make_downsample 在 x 本身就合适时返回 None，否则返回 1 x 1 卷积（无 bias）和 BatchNorm2d。",
    hint="Two things can make x unfit: another number of maps, and a stride. One is enough.",
    hint_zh="x 不合适有两种原因：特征图的数目变了，或者步幅不是 1。有一个就够了。",
)
def test_downsample_is_made_where_it_is_needed(submission):
    """make_downsample gives None where x itself fits, else a 1 x 1 convolution and a norm."""
    settings = [(6, 6, 1), (6, 10, 2), (5, 20, 1), (8, 8, 3)]
    expected = [None]
    for cin, cout, stride in settings[1:]:
        shapes = {"0.weight": [cout, cin, 1, 1]} | norm_shapes("1", cout)
        expected.append(["Conv2d", "BatchNorm2d", [stride, stride], shapes])
    assert_equal(submission.run(shortcut_layers, settings), expected)


@check(
    points=2,
    zh="BasicBlock 有 conv1、bn1、conv2、bn2 和 downsample，卷积都没有 bias，expansion 是 1。",
    hint="A layer set on self gets its name from there. bias=False: the norm shifts anyway.",
    hint_zh="赋给 self 的层，名字就由属性名而来。卷积写 bias=False：后面的归一化层本来就会平移。",
)
def test_basic_block_has_its_layers(submission):
    """BasicBlock has conv1, bn1, conv2, bn2 and a downsample; no bias, expansion 1."""
    expected = {"conv1.weight": [6, 6, 3, 3], "conv2.weight": [6, 6, 3, 3]}
    expected |= norm_shapes("bn1", 6) | norm_shapes("bn2", 6)
    assert_equal(submission.run(names_and_sizes, "BasicBlock", [6, 6], None), (1, expected))
    expected = {"conv1.weight": [9, 4, 3, 3], "conv2.weight": [9, 9, 3, 3]}
    expected |= norm_shapes("bn1", 9) | norm_shapes("bn2", 9)
    expected |= {"downsample.0.weight": [9, 4, 1, 1]} | norm_shapes("downsample.1", 9)
    found = submission.run(names_and_sizes, "BasicBlock", [4, 9, 2], (4, 9, 2))
    assert_equal(found, (1, expected))


@check(
    points=2,
    zh="BasicBlock 依次做 conv1、bn1、relu、conv2、bn2，加上 x，最后再做一次 relu。",
    hint="The sum comes between bn2 and the last relu. Each norm belongs to one convolution.",
    hint_zh="相加发生在 bn2 之后、最后一个 relu 之前。每个归一化层只属于一个卷积。",
)
def test_basic_block_adds_its_input(submission, rng):
    """BasicBlock is conv1, bn1, relu, conv2, bn2, then plus x, then relu."""
    x = rng.randn(3, 5, 7, 4)
    state = {f"conv{number}.weight": 0.3 * rng.randn(5, 5, 3, 3) for number in (1, 2)}
    state |= random_norm(rng, "bn1", 5) | random_norm(rng, "bn2", 5)
    inner = normed(functional.conv2d(x, state["conv1.weight"], padding=1), state, "bn1").relu()
    branch = normed(functional.conv2d(inner, state["conv2.weight"], padding=1), state, "bn2")
    mistakes = [
        Mistake(
            branch.relu() + x,
            en="Here relu comes before the sum. It belongs after it.",
            zh="这里 relu 做在了相加之前，它应当在相加之后。",
        ),
        Mistake(
            branch + x,
            en="The last relu is missing, the one after the sum.",
            zh="少了最后一个 relu，也就是相加之后的那个。",
        ),
        Mistake(
            branch.relu(),
            en="Here x is not added: these are two layers without a shortcut.",
            zh="这里没有加上 x：只是两个普通的层，没有捷径。",
        ),
    ]
    output = submission.run(block_output, "BasicBlock", [5, 5], x, state)
    assert_tensor(output, (branch + x).relu(), atol=1e-4, mistakes=mistakes)


@check(
    points=2,
    zh="分支的输出全为 0 时，块就是 relu(x)；有 downsample 时则是 relu(downsample(x))。",
    hint="Where the branch gives 0, all that is left is the shortcut, and relu after it.",
    hint_zh="分支给出 0 时，剩下的只有捷径，以及它后面的 relu。",
)
def test_silent_branch_leaves_the_shortcut(submission, rng):
    """A block whose branch gives 0 is relu(x), or relu(downsample(x))."""
    for maker, width, last in [("BasicBlock", 16, "bn2"), ("Bottleneck", 4, "bn3")]:
        x = rng.randn(1, 16, 8, 6)
        output, _ = submission.run(silenced, maker, [16, width], None, last, x)
        assert_tensor(output, x.relu())
        x = rng.randn(2, 16, 7, 10)
        init = [16, 2 * width, 2]
        output, identity = submission.run(silenced, maker, init, (16, 32, 2), last, x)
        assert_equal(tuple(identity.shape), (2, 32, 4, 5))
        assert_tensor(output, identity.relu())


@check(
    points=1,
    zh="没有 downsample、而 x 与分支形状不符时，BasicBlock 抛出 ValueError。",
    hint="(N, 1, H, W) + (N, 16, H, W) adds without complaint: look before anything is computed.",
    hint_zh="(N, 1, H, W) + (N, 16, H, W) 会默默地广播：在计算之前就要检查。",
)
def test_basic_block_refuses_a_shortcut_that_does_not_fit(submission):
    """Without a downsample BasicBlock raises ValueError where x does not fit."""
    for init in ([8, 8, 2], [1, 16]):
        with raises(ValueError):
            submission.run(names_and_sizes, "BasicBlock", init, None)


@check(
    points=2,
    zh="一个像素、每层权重 0.5 时，3 层的梯度是 0.75（没有捷径）和 6.75（有捷径）。",
    hint="The loss is h.sum(); its gradient with respect to the first kernel has nine numbers.",
    hint_zh="损失是 h.sum()；它对第一个卷积核的梯度有九个数。",
)
def test_depth_gradient_of_one_pixel(submission):
    """On one pixel, with weights 0.5, 3 layers give the gradient 0.75, with shortcuts 6.75."""
    pixel = torch.full((1, 1, 1, 1), 3.0)
    for factors, plain, residual in [((0.5, 0.5, 0.5), 0.75, 6.75), ((0.5, 0.25, 2), 1.5, 11.25)]:
        kernels = []
        for factor in factors:
            kernel = torch.zeros(1, 1, 3, 3)
            kernel[0, 0, 1, 1] = factor
            kernels.append(kernel)
        assert_close(submission.depth_gradient(pixel, kernels, residual=False), plain)
        assert_close(submission.depth_gradient(pixel, kernels, residual=True), residual)


@check(
    points=1,
    zh="20 层之后，普通网络的第一层几乎没有梯度；有捷径，或者有归一化，梯度都还在。",
    hint="residual=True: h + f; norm=True: the norm stands between the convolution and relu.",
    hint_zh="residual=True 时是 h + f；norm=True 时，归一化放在卷积和 relu 之间。",
)
def test_gradient_survives_twenty_layers(submission, rng):
    """Through 20 layers the gradient vanishes, but not with shortcuts, and not with norms."""
    x = rng.randn(2, 8, 6, 5)
    bound = 1 / 72**0.5  # as a new nn.Conv2d draws its weights
    weights = [bound * (2 * rng.rand(8, 8, 3, 3) - 1) for _ in range(20)]
    plain = submission.depth_gradient(x, weights, residual=False)
    residual = submission.depth_gradient(x, weights, residual=True)
    norm = submission.depth_gradient(x, weights, residual=False, norm=True)
    assert 0 < plain < 1e-3, f"{plain:.3g}"
    assert residual > 1e6 * plain, f"{residual:.3g}, without shortcuts {plain:.3g}"
    assert norm > 1e6 * plain, f"{norm:.3g}, without norms {plain:.3g}"
