"""A drawing in SVG, the same to the byte wherever it is made: for pictures in READMEs.

Lengths are pixels, x goes right and y down. A pale ground makes it readable on a dark page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

INK, SOFT, FAINT, PAPER = "#1c2330", "#5a6475", "#c4ccd8", "#ffffff"
BLUE, ORANGE, GREEN, RED = "#24508f", "#b45f06", "#17703f", "#b3261e"
PALE_BLUE, PALE_ORANGE, PALE_GREEN = "#dbe7fa", "#fbe3c0", "#d3eedd"
_MARGIN = 16
_DASHES = ' stroke-dasharray="4 3"'

Point = tuple[float, float]


class Drawing:
    """Shapes, in the order in which they were drawn."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._shapes: list[str] = []
        self._size = width + 2 * _MARGIN, height + 2 * _MARGIN
        self._title = title

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        stroke: str = "none",
        thick: float = 1.5,
        dashed: bool = False,
    ) -> None:
        """Draw a rectangle from its upper left corner."""
        self._shapes.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"'
            f' stroke="{stroke}" stroke-width="{thick:g}"{_DASHES * dashed}/>'
        )

    def path(
        self,
        points: Sequence[Point],
        colour: str = INK,
        *,
        thick: float = 1.5,
        dashed: bool = False,
    ) -> None:
        """Draw a line through all points."""
        told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._shapes.append(
            f'<polyline points="{told}" fill="none" stroke="{colour}" stroke-width="{thick:g}"'
            f' stroke-linejoin="round"{_DASHES * dashed}/>'
        )

    def dot(self, point: Point, colour: str = INK, radius: float = 3) -> None:
        """Draw a filled circle around a point."""
        x, y = point
        self._shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}"/>')

    def text(
        self,
        x: float,
        y: float,
        text: str,
        colour: str = INK,
        *,
        size: int = 14,
        anchor: str = "middle",
    ) -> None:
        """Write a line of code or numbers; y is its middle."""
        self._shapes.append(
            f'<text x="{x:g}" y="{y:g}" fill="{colour}" font-size="{size}"'
            f' text-anchor="{anchor}" dominant-baseline="central">{escape(text)}</text>'
        )

    def grid(
        self, corner: Point, cell: float, rows: int, columns: int, fill: Callable[[int, int], str]
    ) -> None:
        """Draw cells of the colours that `fill(row, column)` names."""
        x, y = corner
        for row in range(rows):
            for column in range(columns):
                self.box(
                    x + column * cell,
                    y + row * cell,
                    cell,
                    cell,
                    fill=fill(row, column),
                    stroke=FAINT,
                    thick=1,
                )

    def render(self) -> str:
        """Return the picture as the text of an SVG file."""
        width, height = self._size
        head = (
            '<svg xmlns="http://www.w3.org/2000/svg" role="img"'
            f' viewBox="{-_MARGIN} {-_MARGIN} {width} {height}" width="{width}" height="{height}"'
            ' font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace">'
        )
        ground = (
            f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="{width}" height="{height}" rx="8"'
            f' fill="{PAPER}"/>'
        )
        title = f"<title>{escape(self._title)}</title>"
        return "\n".join([head, title, ground, *self._shapes, "</svg>", ""])


@dataclass(frozen=True)
class Plot:
    """A pair of axes within a drawing, over ranges of numbers."""

    drawing: Drawing
    corner: Point
    """The upper left one."""
    size: tuple[float, float]
    x: tuple[float, float]
    y: tuple[float, float]

    def frame(self, title: str = "") -> None:
        """Draw the border, the axes through zero where they can be seen, and the title above."""
        (left, top), (width, height) = self.corner, self.size
        self.drawing.box(left, top, width, height, stroke=FAINT, thick=1)
        if self.x[0] < 0 < self.x[1]:
            self.drawing.path([self.at(0, self.y[0]), self.at(0, self.y[1])], FAINT, thick=1)
        if self.y[0] < 0 < self.y[1]:
            self.drawing.path([self.at(self.x[0], 0), self.at(self.x[1], 0)], FAINT, thick=1)
        if title:
            self.drawing.text(left + width / 2, top - 12, title)

    def at(self, x: float, y: float) -> Point:
        """Return where in the drawing a pair of numbers lies."""
        (left, top), (width, height) = self.corner, self.size
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return left + width * across, top + height * (1 - up)

    def curve(
        self, function: Callable[[float], float], colour: str = BLUE, *, steps: int = 120
    ) -> None:
        """Draw a function over the whole range, where its values are within the other one."""
        low, high = self.x
        points = [
            (x := low + (high - low) * step / steps, function(x)) for step in range(steps + 1)
        ]
        inside = [self.at(x, y) for x, y in points if self.y[0] <= y <= self.y[1]]
        self.drawing.path(inside, colour, thick=2)
