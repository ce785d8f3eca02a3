"""Public checks of ex32_matplotlib: a line, two pictures, two losses, four scores, six kernels."""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    read_picture,
)


@probe
def lines_of(student, ax):
    """Return the data of every line of some axes."""
    return [
        {
            "label": line.get_label(),
            "width": float(line.get_linewidth()),
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
def line_drawn(student, x, y, names):
    """Return what line_figure draws; saving is left out, as it takes long."""
    Figure.savefig = lambda *_, **__: None
    fig = student.line_figure(x, y, Path("line.png"), *names)
    (ax,) = fig.axes
    return {
        "size": [float(inches) for inches in fig.get_size_inches()],
        "labels": [ax.get_xlabel(), ax.get_ylabel()],
        "fonts": [float(axis.label.get_fontsize()) for axis in (ax.xaxis, ax.yaxis)],
        "lines": lines_of(student, ax),
    }


@probe
def line_saved(student, x, y):
    """Return the file of line_figure, and how many figures are left open."""
    path = Path(tempfile.mkdtemp(), "line.png")
    student.line_figure(x, y, path)
    return path.read_bytes(), len(plt.get_fignums())


@probe
def pictures_shown(student, pictures):
    """Return the colours that show_tensor gives every picture."""
    return [colours_of(student, student.show_tensor(picture)) for picture in pictures]


@probe
def pair_shown(student, a, b):
    """Return the colours of both figures of show_pair, and which of them are open."""
    figures = student.show_pair(a, b)
    numbers = [fig.number for fig in figures]
    colours = [colours_of(student, fig.axes[0]) for fig in figures]
    return colours, len(set(numbers)), [plt.fignum_exists(number) for number in numbers]


@probe
def losses_drawn(student):
    """Return the lines of compare_losses, the texts of its legend, and the file."""
    path = Path(tempfile.mkdtemp(), "losses.png")
    fig = student.compare_losses(path)
    (ax,) = fig.axes
    legends = [legend for legend in (ax.get_legend(), *fig.legends) if legend]
    names = [text.get_text() for legend in legends for text in legend.get_texts()]
    return lines_of(student, ax), names, path.read_bytes()


@probe
def kernels_shown(student, weight):
    """Return the colours of every tile of kernel_grid."""
    conv = nn.Conv2d(weight.shape[1], weight.shape[0], tuple(weight.shape[2:]))
    conv.load_state_dict({"weight": weight, "bias": torch.zeros(len(weight))})
    return [colours_of(student, ax) for ax in student.kernel_grid(conv).axes]


@check(
    points=2,
    zh="line_figure 画出一条线：图 7x5 英寸，线宽 5，两个坐标轴的标签字号为 14。",
    hint="Each of them is a parameter: figsize of a figure, linewidth of a line, fontsize of text.",
    hint_zh="每一项都是一个参数：figsize 属于图，linewidth 属于线，fontsize 属于标签。",
)
def test_line_figure_draws_a_line(submission, rng):
    """line_figure draws one line: 7x5 inches, 5 points wide, both labels in a font of size 14."""
    x, y = rng.randn(6), rng.randn(6)
    drawn = submission.run(line_drawn, x, y, ["epoch", "loss"])
    assert_equal(drawn["size"], [7.0, 5.0])
    assert_equal(drawn["labels"], ["epoch", "loss"])
    assert_equal(drawn["fonts"], [14.0, 14.0])
    assert_equal([line["width"] for line in drawn["lines"]], [5.0])
    assert_tensor(drawn["lines"][0]["x"], x.double())
    assert_tensor(drawn["lines"][0]["y"], y.double())


@check(
    points=1,
    zh="line_figure 保存的 PNG 里确实有那条线，之后图已关闭。",
    hint="Draw, then save, then close: what is saved is what has been drawn up to then.",
    hint_zh="先画，再保存，最后关闭：保存下来的是到那一刻为止画好的内容。",
)
def test_line_figure_saves_and_closes(submission):
    """line_figure saves a PNG on which the line can be seen, and closes the figure."""
    x = torch.arange(5.0)
    file, left_open = submission.run(line_saved, x, 2 * x)
    assert_equal(left_open, 0)
    assert_equal(file[:4], b"\x89PNG")  # what every PNG begins with
    picture = read_picture(file)
    height, width = picture.shape[:2]
    middle = picture[height // 3 : -height // 3, width // 3 : -width // 3, :3]
    used = int((middle < 250).sum())
    assert used > 0, "In the middle of the file, where the line should be, is nothing."


@check(
    points=1,
    zh="show_tensor 把 (3, 8, 9) 显示为彩色，把 (1, 8, 9) 和 (8, 9) 显示为灰度。",
    hint="imshow wants the channels last, or none at all: (H, W, 3) or (H, W).",
    hint_zh="imshow 要求通道在最后，或者没有通道这一维：(H, W, 3) 或 (H, W)。",
)
def test_show_tensor_in_colour_and_grey(submission, rng):
    """show_tensor shows (3, 8, 9) in colour, and (1, 8, 9) and (8, 9) in grey."""
    colour, grey = rng.rand(3, 8, 9), rng.rand(1, 8, 9)
    grey[0, 0, 0], grey[0, 7, 8] = 0, 1
    expected = [colour.permute(1, 2, 0), *[grey.permute(1, 2, 0).expand(8, 9, 3)] * 2]
    found = submission.run(pictures_shown, [colour, grey, grey[0]])
    assert_equal(len(found), 3)
    for shown, wanted in zip(found, expected, strict=True):
        assert_tensor(shown, wanted.double(), rtol=0, atol=0.01)


@check(
    points=1,
    zh="show_pair 打开两个图，各显示一张图像，都不关闭。",
    hint="plt.figure() begins a new figure; without it the second picture covers the first.",
    hint_zh="plt.figure() 新开一个图；少了它，第二张图像会盖在第一张上。",
)
def test_show_pair_opens_two_figures(submission, rng):
    """show_pair opens two figures, one for each picture, and leaves both open."""
    a, b = rng.rand(3, 8, 9), rng.rand(3, 5, 4)
    colours, different, is_open = submission.run(pair_shown, a, b)
    assert_equal(different, 2)
    assert_equal(is_open, [True, True])
    for shown, picture in zip(colours, (a, b), strict=True):
        assert_tensor(shown, picture.permute(1, 2, 0).double(), rtol=0, atol=0.01)


@check(
    points=2,
    zh="compare_losses 画出两条各 5000 个点的曲线，图例里有名字，并存成文件。",
    hint='reduction="none" gives a loss for each point. Save before the figure is closed.',
    hint_zh='reduction="none" 给出每个点各自的损失。要在关闭图之前保存。',
)
def test_compare_losses_of_the_notes(submission):
    """compare_losses draws two lines of 5000 points, named in a legend, and saves them."""
    lines, legend, file = submission.run(losses_drawn)
    assert_equal(sorted(legend), ["L1 loss", "Smooth L1 loss"])
    assert_equal(sorted(line["label"] for line in lines), ["L1 loss", "Smooth L1 loss"])
    x = torch.linspace(-10, 10, 5000, dtype=torch.float64)
    losses = {"L1 loss": nn.L1Loss, "Smooth L1 loss": nn.SmoothL1Loss}
    for line in lines:
        loss = losses[line["label"]](reduction="none")
        assert_tensor(line["x"], x, rtol=0, atol=1e-4)
        assert_tensor(line["y"], loss(x, torch.zeros_like(x)), rtol=0, atol=1e-4)
    dark = int((read_picture(file) < 128).sum())
    assert dark > 100, "The file shows an empty picture."


@check(
    points=2,
    zh="roc_points 在四个分数上得到五个点，曲线下的面积为 0.75。",
    hint="Sort by score, highest first. A positive is a step up, a negative a step to the right.",
    hint_zh="按分数从高到低排列：遇到正样本向上走一步，遇到负样本向右走一步。",
)
def test_roc_points_of_four_scores(submission):
    """roc_points gives five points for four scores; the area under the curve is 0.75."""
    truth, score = torch.tensor([0, 0, 1, 1]), torch.tensor([0.1, 0.4, 0.35, 0.8])
    points = submission.roc_points(truth, score)
    assert_equal(len(points), 2)
    right = torch.tensor([0, 0, 0.5, 0.5, 1], dtype=torch.float64)
    up = torch.tensor([0, 0.5, 0.5, 1, 1], dtype=torch.float64)
    swapped = "The two results are the other way round: false positives come first."
    assert_tensor(
        points[0],
        right,
        mistakes=[Mistake(up, en=swapped, zh="两个结果的次序反了：假正率在前。")],
    )
    assert_tensor(points[1], up)
    assert_close(torch.trapezoid(points[1], points[0]).item(), 0.75)


@check(
    points=1,
    zh="kernel_grid 把 Conv2d(1, 6, 5) 的卷积核显示成六块 5x5 的图。",
    hint="One axes for each kernel; black is the negative of the largest absolute value.",
    hint_zh="每个卷积核一个坐标区；黑色对应最大绝对值的相反数。",
)
def test_kernel_grid_of_six_kernels(submission, rng):
    """kernel_grid shows the kernels of Conv2d(1, 6, 5) as six tiles of 5x5."""
    weight = rng.randn(6, 1, 5, 5)
    tiles = submission.run(kernels_shown, weight)
    grey = (weight[:, 0] / weight.abs().max() + 1) / 2
    assert_equal(len(tiles), 6)
    for tile, wanted in zip(tiles, grey, strict=True):
        assert_tensor(tile, wanted[..., None].expand(5, 5, 3).double(), rtol=0, atol=0.01)
