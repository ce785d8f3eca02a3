"""Draw the pictures of the exercises' READMEs: `python -m docs.pictures.exercises`.

Each function below draws `exercises/<its name>/picture.svg`; a test holds the files against them.
They show code, numbers and formulas only, so that one picture serves both languages.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from docs.pictures.svg import (
    BLUE,
    FAINT,
    GREEN,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PAPER,
    RED,
    SOFT,
    Drawing,
    Plot,
    Point,
)

_ROOT = Path(__file__).parent.parent.parent


def ex08_conv_options() -> Drawing:
    """Show where the windows of a kernel of 3 lie, and which maps a group sees."""
    drawing = Drawing(690, 172, "padding, stride, dilation, groups")
    cell = 22
    for panel, title in enumerate(("padding=1", "stride=2", "dilation=2", "groups=2")):
        drawing.text(180 * panel + 75, 6, title)

    def window(x: float, row: int, column: int, span: int, colour: str) -> None:
        drawing.box(
            x + column * cell, 28 + row * cell, span * cell, span * cell, stroke=colour, thick=3
        )

    drawing.grid((9, 28), cell, 6, 6, lambda r, c: PALE_BLUE if 0 < r < 5 and 0 < c < 5 else PAPER)
    window(9, 0, 0, 3, ORANGE)
    window(9, 3, 3, 3, GREEN)
    drawing.grid((200, 28), cell, 5, 5, lambda *_: PALE_BLUE)
    window(200, 0, 0, 3, ORANGE)
    window(200, 0, 2, 3, GREEN)
    taps = {0, 2, 4}
    drawing.grid((380, 28), cell, 6, 6, lambda r, c: PALE_ORANGE if {r, c} <= taps else PALE_BLUE)
    window(380, 0, 0, 5, ORANGE)
    for kernel in range(4):
        y = 36 + 32 * kernel
        colour, tint = (BLUE, PALE_BLUE) if kernel < 2 else (ORANGE, PALE_ORANGE)
        for other in (0, 1) if kernel < 2 else (2, 3):
            drawing.path([(588, 36 + 32 * other + 9), (652, y + 9)], colour)
        drawing.box(560, y, 28, 18, fill=tint, stroke=colour)
        drawing.box(652, y, 28, 18, fill=tint, stroke=colour)
    return drawing


def ex11_activations() -> Drawing:
    """Draw the three activations that work on each number, with their slopes dashed."""
    drawing = Drawing(660, 170, "relu, sigmoid, tanh, and their slopes")
    for panel, (name, function) in enumerate(
        {
            "relu": lambda x: max(x, 0.0),
            "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
            "tanh": math.tanh,
        }.items()
    ):
        plot = Plot(drawing, (230 * panel, 24), (200, 130), (-4, 4), (-1.3, 1.3))
        plot.frame(name)
        plot.curve(function)
        slope = _slope(function)
        steps = [plot.at(x / 20, slope(x / 20)) for x in range(-80, 81)]
        drawing.path(steps, ORANGE, dashed=True)
        drawing.text(230 * panel + 4, 164, "-4", SOFT, size=11, anchor="start")
        drawing.text(230 * panel + 196, 164, "4", SOFT, size=11, anchor="end")
    return drawing


def ex15_norm_layers() -> Drawing:
    """Show which numbers share one mean: a channel of all pictures, or one row."""
    drawing = Drawing(560, 204, "batch norm and layer norm: which numbers share a mean")
    drawing.text(145, 6, "MyBatchNorm2d  (N, C, H, W)")
    for sample in range(4):
        for channel in range(3):
            x, y = 40 + 58 * sample, 28 + 56 * channel
            fill, stroke = (PALE_ORANGE, ORANGE) if channel == 1 else (PALE_BLUE, FAINT)
            drawing.grid((x, y), 12, 4, 3, lambda *_, fill=fill: fill)
            drawing.box(x, y, 36, 48, stroke=stroke)
    drawing.text(14, 108, "C", SOFT)
    drawing.text(145, 202, "N", SOFT)
    drawing.text(440, 6, "layer_norm  (..., D)")
    drawing.grid((350, 38), 30, 4, 6, lambda row, _: PALE_ORANGE if row == 1 else PALE_BLUE)
    drawing.box(350, 68, 180, 30, stroke=ORANGE)
    drawing.text(440, 178, "D", SOFT)
    return drawing


def ex16_losses_regression() -> Drawing:
    """Draw three losses of one difference, and their slopes."""
    drawing = Drawing(640, 222, "L1, MSE and smooth L1, and their slopes")
    losses: dict[str, tuple[Callable[[float], float], str]] = {
        "|d|": (abs, BLUE),
        "d²": (lambda d: d * d, ORANGE),
        "smooth L1, beta=1": (lambda d: d * d / 2 if abs(d) < 1 else abs(d) - 0.5, GREEN),
    }
    values = Plot(drawing, (0, 24), (300, 170), (-3, 3), (-0.3, 4))
    slopes = Plot(drawing, (340, 24), (300, 170), (-3, 3), (-4, 4))
    values.frame("loss(d)")
    slopes.frame("loss'(d)")
    for place, (name, (function, colour)) in enumerate(losses.items()):
        values.curve(function, colour)
        slope = _slope(function)
        if name == "|d|":
            for low, high in ((-3.0, 0.0), (0.0, 3.0)):
                ends = [slopes.at(low, math.copysign(1, low + high))]
                drawing.path(
                    [*ends, slopes.at(high, math.copysign(1, low + high))], colour, thick=2
                )
        else:
            slopes.curve(slope, colour)
        drawing.text(120 + 200 * place, 214, name, colour)
    return drawing


def ex21_loss_ctc() -> Drawing:
    """Draw the worked example: two frames, the states 0 1 0, and the paths that say [1]."""
    drawing = Drawing(470, 190, "the forward algorithm on two frames")
    numbers = {
        (0, 0): "0.40",
        (0, 1): "0.60",
        (0, 2): "0",
        (1, 0): "0.12",
        (1, 1): "0.70",
        (1, 2): "0.18",
    }
    steps = (((0, 0), (1, 0)), ((0, 0), (1, 1)), ((0, 1), (1, 1)), ((0, 1), (1, 2)))

    def place(frame: int, row: int) -> Point:
        return 130.0 + 210 * frame, 48.0 + 58 * row

    for start, end in steps:
        counts = end[1] > 0
        drawing.path(
            [place(*start), place(*end)], BLUE if counts else FAINT, thick=2, dashed=not counts
        )
    for (frame, row), number in numbers.items():
        x, y = place(frame, row)
        is_end = frame == 1 and row > 0
        fill = PALE_GREEN if is_end else PALE_BLUE if number != "0" else PAPER
        drawing.box(x - 32, y - 17, 64, 34, fill=fill, stroke=GREEN if is_end else BLUE)
        drawing.text(x, y, number)
    for row, name in enumerate("010"):
        drawing.text(50, place(0, row)[1], name, SOFT)
    for frame in (0, 1):
        drawing.text(place(frame, 0)[0], 6, f"frame {frame}", SOFT)
    drawing.text(424, place(1, 1)[1] + 29, "0.88", GREEN, size=16)
    return drawing


def ex23_gradient_descent() -> Drawing:
    """Draw eight steps down (w - 1)² with four learning rates."""
    drawing = Drawing(720, 172, "gradient descent on (w - 1)² from w = 0")
    for panel, lr in enumerate((0.001, 0.1, 1.0, 1.1)):
        plot = Plot(drawing, (184 * panel, 24), (168, 140), (-1.5, 3.5), (-0.4, 5))
        plot.frame(f"lr = {lr:g}")
        plot.curve(lambda w: (w - 1) ** 2, FAINT)
        ways = [0.0]
        for _ in range(4 if lr > 1 else 8):
            ways.append(ways[-1] - lr * 2 * (ways[-1] - 1))
        points = [plot.at(w, (w - 1) ** 2) for w in ways if (w - 1) ** 2 <= 5]
        drawing.path(points, RED if lr >= 1 else BLUE)
        for point in points:
            drawing.dot(point, RED if lr >= 1 else BLUE)
    return drawing


def ex25_sgd_momentum() -> Drawing:
    """Draw the way through a long valley, without and with momentum."""
    drawing = Drawing(700, 190, "SGD in a long valley, with momentum 0 and 0.9")
    steepness = (0.04, 1.0)
    for panel, (momentum, lr) in enumerate(((0.0, 1.6), (0.9, 0.2))):
        plot = Plot(drawing, (360 * panel, 24), (340, 150), (-10.5, 2.5), (-2.5, 2.5))
        plot.frame(f"lr={lr:g}, momentum={momentum:g}")
        for level in (0.25, 1.0, 2.0):
            _ellipse(plot, [math.sqrt(2 * level / each) for each in steepness])
        way = _descent((-9.0, 2.0), steepness, lr, momentum, 30)
        drawing.path([plot.at(*point) for point in way], BLUE, thick=1)
        for point in way:
            drawing.dot(plot.at(*point), BLUE, 2.5)
        drawing.dot(plot.at(0, 0), RED, 4)
    return drawing


def _descent(
    start: Point, steepness: Sequence[float], lr: float, momentum: float, steps: int
) -> list[Point]:
    """Return the places that SGD visits on the sum of steepness * x² / 2."""
    places = [start]
    speed = [0.0, 0.0]
    for _ in range(steps):
        here = places[-1]
        speed = [momentum * v + a * x for v, a, x in zip(speed, steepness, here, strict=True)]
        places.append((here[0] - lr * speed[0], here[1] - lr * speed[1]))
    return places


def _ellipse(plot: Plot, radii: Sequence[float]) -> None:
    turns = [2 * math.pi * step / 90 for step in range(91)]
    points = [(radii[0] * math.cos(turn), radii[1] * math.sin(turn)) for turn in turns]
    parts: list[list[Point]] = [[]]
    for x, y in points:
        if plot.x[0] <= x <= plot.x[1] and plot.y[0] <= y <= plot.y[1]:
            parts[-1].append(plot.at(x, y))
        elif parts[-1]:
            parts.append([])
    for part in parts:
        plot.drawing.path(part, FAINT, thick=1)


def _slope(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: (function(x + 1e-6) - function(x - 1e-6)) / 2e-6


_PICTURES = (
    ex08_conv_options,
    ex11_activations,
    ex15_norm_layers,
    ex16_losses_regression,
    ex21_loss_ctc,
    ex23_gradient_descent,
    ex25_sgd_momentum,
)


def main() -> None:
    """Write all pictures, or below another folder that is named."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else _ROOT
    for draw in _PICTURES:
        if not (_ROOT / "exercises" / draw.__name__).is_dir():  # not written yet
            continue
        path = root / "exercises" / draw.__name__ / "picture.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(draw().render(), encoding="utf-8")


if __name__ == "__main__":
    main()
