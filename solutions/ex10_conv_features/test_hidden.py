"""Hidden checks of ex10_conv_features: random pictures, real networks, and what is left behind."""

import torch
from torch import nn

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    gradients,
    module_output,
    probe,
    raises,
)


def scored(pictures, feature):
    """Return the mean of the products at every place of pictures (N, H, W)."""
    return nn.functional.conv2d(pictures[:, None], feature[None, None])[:, 0] / feature.numel()


@probe
def sign_each(student, pictures):
    """Return to_signs of every picture, and what the pictures are afterwards."""
    return [student.to_signs(picture) for picture in pictures], pictures


@probe
def match_views(student, pictures, feature):
    """Return match_feature of every second column of pictures that lie transposed in memory."""
    return student.match_feature(pictures.transpose(1, 2)[..., ::2], feature.t())


@probe
def match_each(student, cases):
    """Return best_match for every (picture, feature)."""
    return [student.best_match(*case) for case in cases]


@probe
def fields(student, networks):
    """Return receptive_field for every list of layers."""
    return [student.receptive_field(layers) for layers in networks]


@probe
def network(layers, dtype):
    """Return convolutions (k, s, d, padding), and average poolings where the kernel is negative."""
    modules, maps = [], 1
    for k, s, d, padding in layers:
        if isinstance(k, int) and k < 0:
            modules.append(nn.AvgPool2d(-k, s))
        else:
            modules.append(nn.Conv2d(maps, 3, k, s, padding, d))
            maps = 3
    return nn.Sequential(*modules).to(dtype)


@probe
def measure_each(student, cases, dtype):
    """Return measured_rf for every (layers, size)."""
    return [student.measured_rf(network(layers, dtype), size) for layers, size in cases]


@probe
def left_behind(student, weight, old_gradient):
    """Measure a frozen model and one with gradients; return what has become of them."""
    frozen = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AvgPool2d(2)).eval()
    frozen.requires_grad_(requires_grad=False)
    model = nn.Conv2d(1, 1, 3)
    model.weight.data.copy_(weight)
    model.weight.grad = old_gradient.clone()
    sizes = [student.measured_rf(frozen, 9), student.measured_rf(model, 8)]
    flags = [parameter.requires_grad for parameter in (*frozen.parameters(), *model.parameters())]
    none_left = model.bias.grad is None and frozen[0].weight.grad is None
    modes = [frozen.training, model.training]
    return sizes, flags, none_left, modes, model.weight.detach(), model.weight.grad


@check(
    points=1,
    zh="任何 dtype 和维数的图像，to_signs 都给出同一设备上的 float32，并且不改动原图。",
    hint="An assignment to picture[...] changes the caller's picture as well; so does sub_.",
    hint_zh="给 picture[...] 赋值会连调用者的图像一起改掉，sub_ 之类也一样。",
)
def test_to_signs_leaves_the_picture_alone(submission, rng):
    """to_signs makes float32 of any dtype on the same device, and leaves the picture alone."""
    shapes = [(torch.float32, (4, 5)), (torch.int64, (2, 3, 4)), (torch.float64, (7,))]
    pictures = [rng.randint(0, 2, shape).to(dtype) for dtype, shape in shapes]
    signs, kept = submission.run(sign_each, pictures)
    for picture, sign, still in zip(pictures, signs, kept, strict=True):
        assert_tensor(sign, torch.where(picture == 1, 1.0, -1.0))
        assert_tensor(still, picture)
    result = submission.on("meta").to_signs(pictures[1])
    assert_tensor(result, torch.empty(2, 3, 4, device="meta"))


@check(
    points=1,
    zh="从只有一个数的特征到整张图像大小的特征，无论几维的一批图像，match_feature 都正确。",
    hint="Divide by how many numbers the feature has; keep all dimensions before the last two.",
    hint_zh="除以特征里数的个数；最后两维之前的维度都要保留。",
)
def test_match_feature_on_features_of_every_size(submission, rng):
    """match_feature is right for features of every size and pictures in several dimensions."""
    for shape, size in [((2, 3, 5, 7), (5, 7)), ((1, 6, 4), (1, 1)), ((2, 1, 7, 8), (3, 2))]:
        pictures, feature = rng.randn(*shape), rng.randn(*size)
        expected = scored(pictures.flatten(0, -3), feature)
        expected = expected.reshape(*shape[:-2], *expected.shape[1:])
        assert_tensor(submission.match_feature(pictures, feature), expected)


@check(
    points=1,
    zh="match_feature 沿用 dtype 和设备，内存不连续的图像也能处理。",
    hint="Compute with img and feature themselves; torch.zeros is always float32 on the CPU.",
    hint_zh="直接用 img 和 feature 来算；torch.zeros 总是 CPU 上的 float32。",
)
def test_match_feature_keeps_dtype_and_device(submission, rng):
    """match_feature keeps dtype and device, and takes pictures that are not contiguous."""
    pictures = rng.randn(2, 12, 5, dtype=torch.float64)
    feature = rng.randn(3, 2, dtype=torch.float64)
    expected = scored(pictures, feature)
    assert_tensor(submission.match_feature(pictures, feature), expected)
    result = submission.on("meta").match_feature(pictures, feature)
    assert_tensor(result, expected.to("meta"))
    expected = scored(pictures.transpose(1, 2)[..., ::2], feature.t())
    assert_tensor(submission.run(match_views, pictures, feature), expected)


@check(
    points=1,
    zh="梯度能通过 match_feature 传到图像和特征。",
    hint="no_grad, .item(), .detach() and numpy cut the graph; stay with tensor operations.",
    hint_zh="no_grad、.item()、.detach() 和 numpy 都会切断计算图，请一直使用张量运算。",
)
def test_gradients_pass_through_match_feature(submission, rng):
    """The picture and the feature receive the right gradients through match_feature."""
    inputs = [rng.randn(2, 6, 5, dtype=torch.float64), rng.randn(2, 3, dtype=torch.float64)]
    upstream = rng.randn(2, 5, 3, dtype=torch.float64)
    watched = [value.clone().requires_grad_() for value in inputs]
    expected = torch.autograd.grad((scored(*watched) * upstream).sum(), watched)
    received = submission.run(gradients, "match_feature", inputs, wrt=[0, 1], upstream=upstream)
    assert_tensor(received[0], expected[0])
    assert_tensor(received[1], expected[1])


@check(
    points=1,
    zh="维数不对，或特征比图像更高或更宽时，match_feature 抛出 ValueError。",
    hint="Compare rows with rows and columns with columns before anything else.",
    hint_zh="先比较行与行、列与列，再做别的事。",
)
def test_match_feature_refuses_what_does_not_fit(submission, rng):
    """match_feature raises ValueError for wrong dimensions and for a feature that is too large."""
    for shape, size in [
        ((4, 9), (5, 2)),
        ((9, 4), (2, 5)),
        ((2, 4, 9), (5, 3)),
        ((5,), (1, 2)),
        ((4, 5), (3,)),
        ((2, 4, 5), (1, 2, 2)),
    ]:
        with raises(ValueError):
            submission.match_feature(rng.randn(*shape), rng.randn(*size))


@check(
    points=1,
    zh="在随机图像里，best_match 都找到特征所在的位置；有几处同样好时给出其中一处。",
    hint="An index into the scores becomes a place by the width of the scores.",
    hint_zh="得分的下标要按得分图的宽度换算成位置。",
)
def test_best_match_finds_features_anywhere(submission, rng):
    """best_match finds a feature anywhere in random pictures, and one of equally good places."""
    cases, places = [], []
    for shape, size in [((7, 12), (3, 4)), ((11, 6), (4, 2)), ((5, 8), (5, 8))]:
        feature, picture = rng.randn(*size), torch.zeros(shape)
        lowest, furthest = shape[0] - size[0], shape[1] - size[1]
        row = rng.integer(min(1, lowest), lowest + 1)  # in row 0 any width would do
        column = rng.integer(0, furthest + 1)
        picture[row : row + size[0], column : column + size[1]] = feature
        cases.append((picture, feature))
        places.append((row, column))
    found = submission.run(match_each, cases)
    for (picture, feature), place, (score, where) in zip(cases, places, found, strict=True):
        assert_close(score, scored(picture[None], feature).max().item())
        assert_equal(where, place)
    score, where = submission.best_match(torch.ones(4, 5), -torch.ones(2, 3))
    assert_close(score, -1.0)
    assert where in [(row, column) for row in range(3) for column in range(3)]


@check(
    points=2,
    zh="对各种网络，包括带空洞的层，receptive_field 都给出正确的感受野。",
    hint="Use the jump first and multiply it by the stride afterwards; dilation widens the kernel.",
    hint_zh="先用累积的步幅，再乘上本层的步幅；空洞会把卷积核拉宽。",
)
def test_receptive_field_of_whole_networks(submission, rng):
    """receptive_field is right for whole networks, with strides and with dilation."""
    conv, halve, thirds = (3, 1), (2, 2), (3, 2)
    blocks = [*([conv, conv, halve] * 2), *([conv, conv, conv, halve] * 3)]
    networks = [
        [(5, 1), halve] * 3,
        [(11, 4), thirds, (5, 1), thirds, conv, conv, conv, thirds],
        blocks,
        [(1, 3), (2, 5)],
        [(3, 1, 2), (3, 1, 4)],
        [(3, 2, 3), (2, 1), (5, 2, 2)],
    ]
    expected = [36, 195, 212, 4, 13, 25]
    for _ in range(20):
        layers = [
            (rng.integer(1, 8), rng.integer(1, 4), rng.integer(1, 4))
            for _ in range(rng.integer(1, 7))
        ]
        first = last = 0  # the places that number 0 needs, one layer after the other from behind
        for k, s, d in reversed(layers):
            first, last = first * s, last * s + d * (k - 1)
        networks.append(layers)
        expected.append(last - first + 1)
    assert_equal(submission.run(fields, networks), expected)


@check(
    points=3,
    zh="步幅、空洞、填充、池化和不是正方形的卷积核都在内，measured_rf 仍量出正确的行数。",
    hint="The gradient may have holes: what counts is the way from its first row to its last.",
    hint_zh="梯度中间可能有空洞：要数的是从第一行到最后一行一共多少行。",
)
def test_measured_rf_of_many_networks(submission):
    """measured_rf is right with strides, dilation, padding, poolings and oblong kernels."""
    cases = [
        (([3, 1, 1, 0], [-2, 2, 1, 0], [3, 1, 1, 0]), 17, 8),
        (([3, 1, 2, 2], [3, 1, 1, 1]), 14, 7),
        (([(3, 5), 1, 1, 0], [(2, 1), 1, 1, 0]), 11, 4),
        (([1, 3, 1, 0], [2, 1, 1, 0]), 16, 4),
        (([5, 2, 1, 2], [-3, 1, 1, 0], [3, 1, 1, 1]), 31, 13),
        (([3, 1, 5, 0],), 12, 11),
        (([3, (1, 4), 1, 1], [5, 1, 1, 2], [5, 1, 1, 2]), 12, 11),
    ]
    given = [(list(layers), size) for layers, size, _ in cases]
    expected = [rows for _, _, rows in cases]
    assert_equal(submission.run(measure_each, given, torch.float32), expected)


@check(
    points=1,
    zh="模型是 float64 时，measured_rf 也能量。",
    hint="Make the picture from a parameter of the model, such as by new_ones.",
    hint_zh="图像要由模型的某个参数来造，比如用 new_ones。",
)
def test_measured_rf_of_a_model_in_double_precision(submission):
    """measured_rf can measure a model of float64."""
    cases = [([[4, 1, 1, 0], [2, 1, 1, 0]], 9)]
    assert_equal(submission.run(measure_each, cases, torch.float64), [5])


@check(
    points=2,
    zh="量完之后模型与之前一样：参数、梯度、模式和 requires_grad 都没有变；冻结的模型也能量。",
    hint="backward() adds to the gradient of every parameter; torch.autograd.grad asks for one.",
    hint_zh="backward() 会给每个参数累加梯度；torch.autograd.grad 只求指定的那一个。",
)
def test_measured_rf_leaves_the_model_alone(submission, rng):
    """measured_rf leaves the model as it was, and measures a frozen one as well."""
    weight, old = rng.randn(1, 1, 3, 3), rng.randn(1, 1, 3, 3)
    found = submission.run(left_behind, weight, old)
    sizes, flags, none_left, modes, kept_weight, kept_gradient = found
    assert_equal(list(sizes), [4, 3])
    assert_equal(list(flags), [False, False, True, True])
    assert_equal(none_left, expected=True)
    assert_equal(list(modes), [False, True])
    assert_tensor(kept_weight, weight)
    assert_tensor(kept_gradient, old)


@check(
    points=1,
    zh="池化给出每个 2x2 窗口的最大值；载入参数后，卷积与 nn.Conv2d 一致。",
    hint="Windows side by side for the one; kernel 3, stride 2 and padding 1 for the other.",
    hint_zh="前者的窗口并排放置；后者卷积核 3、步幅 2、填充 1。",
)
def test_downsamplers_compute_the_right_numbers(submission, rng):
    """The one gives the maximum of each 2x2 window, the other the convolution with its state."""
    for c, shape in [(2, (3, 2, 7, 10)), (3, (1, 3, 8, 5))]:
        x, weight, bias = rng.randn(*shape), rng.randn(c, c, 3, 3), rng.randn(c)
        output = submission.run(module_output, "make_downsampler", ["pool", c], [x])
        assert_tensor(output, nn.functional.max_pool2d(x, 2))
        state = {"weight": weight, "bias": bias}
        output = submission.run(module_output, "make_downsampler", ["conv", c], [x], state=state)
        assert_tensor(output, nn.functional.conv2d(x, weight, bias, stride=2, padding=1))


@check(
    points=1,
    zh="kind 不认识时，make_downsampler 抛出 ValueError。",
    hint="Two kinds are known; every other word is an error, not the second kind.",
    hint_zh="只认识两种；其余的词都是错误，不要当成第二种。",
)
def test_make_downsampler_refuses_an_unknown_kind(submission):
    """make_downsampler raises ValueError for a kind that it does not know."""
    for kind in ("stride", "", "Pool"):
        with raises(ValueError):
            submission.make_downsampler(kind, 2)
