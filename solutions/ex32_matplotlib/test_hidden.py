"""Hidden checks of ex32_matplotlib: other figures, other scales, equal scores, what is refused."""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from grader.checks import assert_equal, assert_tensor, check, probe, raises, read_picture


@probe
def lines_of(student, ax):
    """Return the data of every line of some axes."""
    return [
        {
            "label": line.get_label(),
            "x": torch.tensor(np.asarray(line.get_xdata(), dtype=np.float64)),
            "y": torch.tensor(np.asarray(line.get_ydata(), dtype=np.float64)),
        }
        for line in ax.lines
    ]


@probe
def colours_of(student, ax):
    """Return the colours of the last picture on some axes: (H, W, 3), 0 to 1, float64."""
    image = ax.images[-1]
    return torch.tensor(np.asarray(image.to_rgba(image.get_array()), dtype=np.float64)[..., :3])


@probe
def lines_drawn(student, pairs):
    """Return the data of the line for every pair, not contiguous and with gradients."""
    Figure.savefig = lambda *_, **__: None  # what is saved is not looked at here
    found = []
    for pair in pairs:
        x, y = (torch.stack([each, each], dim=1)[:, 0] for each in pair)
        for each in (x, y):
            each.requires_grad_(each.is_floating_point())
        fig = student.line_figure(x, y, "line.png")
        found.append(lines_of(student, fig.axes[0]))
    labels = [fig.axes[0].get_xlabel(), fig.axes[0].get_ylabel()]
    return found, labels


@probe
def file_of_line(student, x, y):
    """Return the file of line_figure."""
    path = Path(tempfile.mkdtemp(), "line.png")
    student.line_figure(x, y, path)
    return path.read_bytes()


@probe
def drawn_beside_another_figure(student, picture, weight):
    """Return what is left of a figure with one line, and how many are open, after each function."""
    Figure.savefig = lambda *_, **__: None
    conv = nn.Conv2d(weight.shape[1], weight.shape[0], tuple(weight.shape[2:]))
    plt.close("all")  # whatever importing the submission has opened
    first, ax = plt.subplots()
    ax.plot([1, 2], [3, 4])
    found = {}
    calls = {
        "line_figure": lambda: student.line_figure(picture[0, 0], picture[0, 1], "a.png"),
        "compare_losses": lambda: student.compare_losses("b.png"),
        "show_tensor": lambda: student.show_tensor(picture),
        "show_pair": lambda: student.show_pair(picture, picture),
        "kernel_grid": lambda: student.kernel_grid(conv),
    }
    for name, call in calls.items():
        call()
        left = [len(first.axes), len(ax.lines), len(ax.images), plt.fignum_exists(first.number)]
        found[name] = [*left, len(plt.get_fignums())]
    return found


@probe
def pictures_shown(student, pictures, with_gradients):
    """Return colours and frame of every picture, which is turned in memory."""
    found = []
    for picture in pictures:
        turned = picture.transpose(-1, -2).contiguous().transpose(-1, -2)
        if with_gradients and turned.is_floating_point():
            turned.requires_grad_()
        ax = student.show_tensor(turned)
        found.append((colours_of(student, ax), ax.axison))
    return found


@probe
def losses_drawn(student, low, high, n):
    """Return the lines of compare_losses, and whether the grid is on in both directions."""
    Figure.savefig = lambda *_, **__: None
    fig = student.compare_losses("losses.png", low, high, n)
    (ax,) = fig.axes
    ticks = [axis.get_major_ticks()[0] for axis in (ax.xaxis, ax.yaxis)]
    return lines_of(student, ax), [tick.gridline.get_visible() for tick in ticks]


@probe
def roc_each(student, cases):
    """Return roc_points of every case, the scores once as they are and once with gradients."""
    found = []
    for y, score in cases:
        found.append(list(student.roc_points(y, score)))
        found.append(list(student.roc_points(y, score.clone().requires_grad_())))
    return found


@probe
def kernels_shown(student, weight):
    """Return colours and place of every tile, then what has become of layer and figure."""
    conv = nn.Conv2d(weight.shape[1], weight.shape[0], tuple(weight.shape[2:]))
    conv.load_state_dict({"weight": weight, "bias": torch.zeros(len(weight))})
    fig = student.kernel_grid(conv)
    boxes = [ax.get_position() for ax in fig.axes]
    return {
        "colours": [colours_of(student, ax) for ax in fig.axes],
        "from_left": [float(box.x0 + box.x1) for box in boxes],
        "from_below": [float(box.y0 + box.y1) for box in boxes],
        "weight": conv.weight.detach(),
        "learns": conv.weight.requires_grad,
        "is_open": plt.fignum_exists(fig.number),
    }


@probe
def draw_line(student, x, y):
    """Call line_figure and drop the figure."""
    student.line_figure(x, y, Path(tempfile.mkdtemp(), "line.png"))


@probe
def open_figures(student):
    """Count the figures that are open."""
    return len(plt.get_fignums())


@probe
def show(student, picture):
    """Call show_tensor and drop the axes."""
    student.show_tensor(picture)


def places(numbers):
    """Return which of the different numbers each one is, counted from the smallest."""
    ordered = sorted(numbers)
    before = [ordered[0] - 1, *ordered[:-1]]
    firsts = [number for last, number in zip(before, ordered, strict=True) if number - last > 0.02]
    return [sum(first <= number for first in firsts) - 1 for number in numbers]


def empty_margins(picture):
    """Return the shares of a picture's width and height that are white at its four edges."""
    dark = (picture[..., :3] < 250).any(-1)
    assert dark.any(), "The file shows an empty picture."
    shares = []
    for is_used in (dark.any(0), dark.any(1)):
        used = is_used.nonzero().flatten().tolist()
        shares += [used[0] / len(is_used), 1 - (used[-1] + 1) / len(is_used)]
    return shares


def points_of(y, score):
    """Return the points of the ROC curve, counted one threshold after another."""
    positive, negative = score[y == 1], score[y == 0]
    points = [(0.0, 0.0)]
    for threshold in sorted(set(score.tolist()), reverse=True):
        rates = [(group >= threshold).double().mean().item() for group in (negative, positive)]
        points.append(tuple(rates))
    return list(torch.tensor(points, dtype=torch.float64).t())


@check(
    points=1,
    zh="line_figure 接受各种张量：整数、float64、内存不连续的、带梯度的。",
    hint="A tensor that requires gradients becomes an array only after detach().",
    hint_zh="带梯度的张量要先 detach()，才能变成数组。",
)
def test_line_figure_takes_any_tensor(submission, rng):
    """line_figure takes tensors of ints and float64, not contiguous, and with gradients."""
    pairs = [
        (rng.randn(9), rng.randn(9)),
        (torch.arange(4), rng.randn(4, dtype=torch.float64)),
        (rng.randn(5, dtype=torch.float64), rng.randint(-9, 9, (5,))),
    ]
    found, labels = submission.run(lines_drawn, pairs)
    assert_equal(labels, ["x", "y"])
    for lines, (x, y) in zip(found, pairs, strict=True):
        assert_equal(len(lines), 1)
        assert_tensor(lines[0]["x"], x.double())
        assert_tensor(lines[0]["y"], y.double())


@check(
    points=1,
    zh="line_figure 保存的图四周没有大片空白。",
    hint="Look at the parameters of savefig: one of them fits the file to what is drawn.",
    hint_zh="看看 savefig 的参数：其中一个能让文件的大小贴合所画的内容。",
)
def test_line_figure_has_no_empty_margins(submission, rng):
    """The file of line_figure has no empty margins."""
    data = submission.run(file_of_line, rng.randn(7), rng.randn(7))
    for share in empty_margins(read_picture(data)):
        assert share < 0.07, "The file has an empty margin."


@check(
    points=2,
    zh="每个函数都另开新图，原来开着的图不受影响；该关的关，该留的留。",
    hint="plt.plot and plt.imshow draw into the figure that is there. Close only what you opened.",
    hint_zh="plt.plot 和 plt.imshow 会画进已有的图里。要关闭的只是自己打开的那一个。",
)
def test_other_figures_are_left_alone(submission, rng):
    """Every function opens figures of its own, closes those that it saves, leaves others alone."""
    found = submission.run(drawn_beside_another_figure, rng.rand(3, 6, 5), rng.randn(2, 1, 3, 2))
    untouched = [1, 1, 0, True]
    expected = {
        "line_figure": [*untouched, 1],
        "compare_losses": [*untouched, 1],
        "show_tensor": [*untouched, 2],
        "show_pair": [*untouched, 4],
        "kernel_grid": [*untouched, 5],
    }
    assert_equal(found, expected)


@check(
    points=2,
    zh="灰度图像的黑白是固定的：对比度低的图像显示出来对比度仍然低。",
    hint="imshow makes the smallest value black and the largest white, unless told their limits.",
    hint_zh="imshow 默认把最小值变成黑、最大值变成白，除非告诉它范围。",
)
def test_show_tensor_does_not_stretch_grey(submission, rng):
    """Grey keeps its meaning: a picture of little contrast is shown with little contrast."""
    floats = 0.3 + 0.2 * rng.rand(1, 6, 11)
    whole = rng.randint(150, 220, (9, 4)).to(torch.uint8)
    found = submission.run(pictures_shown, [floats, whole], with_gradients=False)
    expected = [floats[0].double(), whole.double() / 255]
    for (colours, _), grey in zip(found, expected, strict=True):
        # Half a step of the 256 that a map of colours has, and a whole one.
        step = 0.002 if grey is expected[1] else 0.004
        assert_tensor(colours, grey[..., None].expand(*grey.shape, 3), rtol=0, atol=step)


@check(
    points=1,
    zh="show_tensor 接受 uint8 和 float64、带梯度的和内存不连续的图像，并关闭坐标轴。",
    hint="detach, move the channels, and one call that hides ticks and frame.",
    hint_zh="先 detach，再移动通道，还要一次调用来隐藏刻度和边框。",
)
def test_show_tensor_takes_any_picture(submission, rng):
    """show_tensor takes uint8 and float64, with gradients, not contiguous; the axes are off."""
    pictures = [
        rng.randint(0, 256, (3, 5, 8)).to(torch.uint8),
        rng.rand(3, 7, 3, dtype=torch.float64),
        rng.rand(3, 1, 1),
    ]
    found = submission.run(pictures_shown, pictures, with_gradients=True)
    for (colours, is_on), picture in zip(found, pictures, strict=True):
        white = 1 if picture.is_floating_point() else 255
        assert_tensor(colours, picture.permute(1, 2, 0).double() / white, rtol=0, atol=0.01)
        assert_equal(is_on, expected=False)


@check(
    points=2,
    zh="compare_losses 按给定的范围和点数画线，并打开网格。",
    hint="low, high and n say which errors there are. The grid needs a call of its own.",
    hint_zh="误差取哪些值由 low、high、n 决定；网格需要另外调用一次才会出现。",
)
def test_compare_losses_in_other_ranges(submission, rng):
    """compare_losses draws the errors that are asked for, and a grid."""
    losses = {"L1 loss": nn.L1Loss, "Smooth L1 loss": nn.SmoothL1Loss}
    for n in (7, 300):
        low, high = -rng.integer(2, 5) - 0.25, rng.integer(1, 7) + 0.5
        lines, grid = submission.run(losses_drawn, low, high, n)
        assert_equal(sorted(line["label"] for line in lines), sorted(losses))
        assert_equal(grid, [True, True])
        x = torch.linspace(low, high, n, dtype=torch.float64)
        for line in lines:
            values = losses[line["label"]](reduction="none")(x, torch.zeros_like(x))
            assert_tensor(line["x"], x, rtol=0, atol=1e-4)
            assert_tensor(line["y"], values, rtol=0, atol=1e-4)


@check(
    points=3,
    zh="相同的分数合成一个点；标签可以是 bool，分数可以是 float32 或 float64、可以带梯度。",
    hint="Samples of one score pass the threshold together: move right and up in one step.",
    hint_zh="分数相同的样本同时越过阈值：向右和向上并作一步。",
)
def test_roc_points_of_equal_scores(submission, rng):
    """Equal scores make one point; labels may be bools, scores float32, float64, with gradients."""
    cases = []
    for n, positives, dtype in ((40, 13, torch.float32), (25, 17, torch.float64)):
        y = (rng.permutation(n) < positives).long()
        cases.append((y, rng.randint(0, 7, (n,)).to(dtype) / 8))
        cases.append((y.bool(), rng.randn(n, dtype=dtype)))
        cases.append((y, y.to(dtype) - 0.5))  # perfect
        cases.append((y, torch.full((n,), 0.25, dtype=dtype)))  # knows nothing
    found = submission.run(roc_each, cases)
    for place, (y, score) in enumerate(cases):
        for points in found[2 * place : 2 * place + 2]:
            assert_equal(len(points), 2)
            for actual, expected in zip(points, points_of(y, score), strict=True):
                assert_tensor(actual, expected)


@check(
    points=2,
    zh="kernel_grid 给每个输出和输入通道各一块，按行列排好，共用同一个灰度范围。",
    hint="O rows, C columns. plt.subplots gives arrays of other shapes for one row or one column.",
    hint_zh="O 行 C 列。只有一行或一列时，plt.subplots 返回的数组形状不同。",
)
def test_kernel_grid_of_many_kernels(submission, rng):
    """kernel_grid has a tile for each output and input, in rows and columns, of one scale."""
    for shape in ((2, 3, 2, 4), (1, 1, 3, 2), (1, 4, 2, 2)):
        rows, columns = shape[:2]
        scale = torch.linspace(0.3, 1, rows * columns)  # each kernel is larger than the one before
        weight = (rng.rand(*shape) + 0.1) * scale.view(rows, columns, 1, 1)
        if columns == 3:
            weight = weight * (2 * rng.randint(0, 2, shape) - 1)
            weight = -weight * weight.flatten()[weight.abs().argmax()].sign()  # largest: negative
        found = submission.run(kernels_shown, weight)
        assert_equal(len(found["colours"]), rows * columns)
        assert_equal(places(found["from_left"]), list(range(columns)) * rows)
        from_above = [row for row in range(rows) for _ in range(columns)]
        assert_equal(places([-place for place in found["from_below"]]), from_above)
        grey = (weight / weight.abs().max() + 1) / 2
        for colours, kernel in zip(found["colours"], grey.flatten(0, 1), strict=True):
            wanted = kernel[..., None].expand(*kernel.shape, 3).double()
            assert_tensor(colours, wanted, rtol=0, atol=0.01)


@check(
    points=1,
    zh="kernel_grid 不改动卷积层，图一直开着。",
    hint="detach() shares the layer's memory: what is done to it in place is done to the layer.",
    hint_zh="detach() 得到的张量与原来共享内存：对它做就地运算，就是对这一层做。",
)
def test_kernel_grid_leaves_the_layer_alone(submission, rng):
    """kernel_grid leaves the layer as it was, and its figure open."""
    weight = rng.randn(2, 1, 3, 5)
    found = submission.run(kernels_shown, weight)
    assert_tensor(found["weight"], weight)
    assert_equal([found["learns"], found["is_open"]], [True, True])


@check(
    points=1,
    zh="形状不合适、长度不等、只有一类标签时，抛出 ValueError，也不留下打开的图。",
    hint="Ask first, draw afterwards.",
    hint_zh="先检查，后画图。",
)
def test_what_is_refused(submission, rng):
    """ValueError for shapes and lengths that do not fit and for one class; no figure is opened."""
    for x, y in ((rng.randn(4), rng.randn(5)), (rng.randn(3, 2), rng.randn(3, 2))):
        with raises(ValueError):
            submission.run(draw_line, x, y)
    for shape in ((2, 6, 5), (4, 6, 5), (1, 3, 6, 5), (6,)):
        with raises(ValueError):
            submission.run(show, rng.rand(*shape))
    assert_equal(submission.run(open_figures), 0)
    for y, n in (([0, 0, 0], 3), ([1, 1, 1], 3), ([0, 1, 1], 4), ([[0, 1]], None)):
        score = rng.rand(1, 2) if n is None else rng.rand(n)
        with raises(ValueError):
            submission.roc_points(torch.tensor(y), score)
