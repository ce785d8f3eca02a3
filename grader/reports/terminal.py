"""The report on a terminal, laid out with rich.

    Convolution  ex07_conv
    work/ex07_conv.py

    Public checks                                        2 / 5
    ✓  1/1  corr2d equals F.conv2d ...
    ✗  0/2  The kernel receives the gradient ...
            │ the student's own traceback
            What is wrong
            Hint: what to try
            │ what the code printed

No text is ever read as rich markup: all of it is put into `Text` objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.text import Text

from grader.reports.details import Detail
from grader.reports.messages import label
from grader.reports.timing import TimingView
from grader.reports.view import CheckView, Mark, RuleView, Tone, View, spans
from grader.reports.visible import one_line
from grader.reports.width import cell_width, pad, wrap

MAX_WIDTH = 96
"""Longer lines are hard to read, however wide the window."""

BAR_WIDTH = 24

_STYLES: dict[Tone, str] = {"good": "green", "bad": "red", "idle": "dim", "excused": "yellow"}
_CODE = "cyan"


def show(view: View, console: Console, saved: Sequence[Path]) -> None:
    """Print a view to a console, at most `MAX_WIDTH` columns wide."""
    layout = _Layout(view, min(console.width, MAX_WIDTH))
    console.print(Group(*layout.blocks(saved)), soft_wrap=True, highlight=False)


class _Layout:
    """Lines of one view for one width."""

    def __init__(self, view: View, width: int) -> None:
        self.view = view
        self.width = width
        checks = [check for group in view.groups for check in group.checks]
        worths = [check.worth for check in checks] + [rule.lost for rule in view.rules]
        self.worth_width = max(map(cell_width, worths), default=0)
        self.indent = self.worth_width + 5

    def blocks(self, saved: Sequence[Path]) -> Iterator[RenderableType]:
        """The report from top to bottom."""
        yield from self._head()
        yield from self._problem()
        for group in self.view.groups:
            yield from self._heading(group.heading, group.score)
            blocks = [list(self._check(check)) for check in group.checks]
            yield from _spaced(blocks) if self.view.problem is None else chain(*blocks)
        if self.view.rules:
            yield from self._heading(label("rules", self.view.lang), "")
            yield from _spaced(list(self._rule(rule)) for rule in self.view.rules)
        yield from self._foot(saved)

    def _head(self) -> Iterator[Text]:
        yield Text()
        yield Text.assemble((self.view.title, "bold"), "  ", (self.view.exercise, "dim"))
        yield from self._wrapped(self.view.submission, 0, "dim")

    def _problem(self) -> Iterator[Text]:
        if self.view.problem is None:
            return
        yield Text()
        yield Text("✗  " + label("problem", self.view.lang), "bold red")
        yield from self._details([self.view.problem], 3)

    def _heading(self, heading: str, score: str) -> Iterator[Text]:
        gap = max(2, self.width - cell_width(heading) - cell_width(score))
        yield Text()
        yield Text.assemble((heading, "bold"), (" " * gap + score if score else "", "dim"))

    def _check(self, check: CheckView) -> Iterator[Text]:
        yield from self._line(check.mark, check.worth, check.sentence, _remark(check.mark))
        if self.view.problem is not None:
            return  # every check says the same: it was not run
        yield from self._details(check.details, self.indent)
        if check.hint:
            head = label("hint", self.view.lang) + label("colon", self.view.lang)
            yield from self._wrapped(check.hint, self.indent, "italic", head=Text(head, "bold"))
        if check.output:
            head = label("output", self.view.lang) + label("colon", self.view.lang)
            yield Text(" " * self.indent + head.rstrip(), "dim")
        yield from self._quoted(check.output, self.indent)
        if check.timing:
            yield from self._timing(check.timing)

    def _timing(self, timing: TimingView) -> Iterator[Text]:
        for line in timing.lines:
            yield from self._wrapped(line, self.indent, "dim")
        width = max(cell_width(name) for name, _ in timing.bars)
        for name, bar in timing.bars:
            yield Text.assemble(" " * self.indent, (f"{pad(name, width)}  ", "dim"), (bar, _CODE))

    def _rule(self, rule: RuleView) -> Iterator[Text]:
        remark = rule.mark.name if rule.mark.tone == "excused" else ""
        yield from self._line(rule.mark, rule.lost, rule.sentence, remark)
        yield from self._details(rule.details, self.indent)

    def _details(self, details: Iterable[Detail], indent: int) -> Iterator[Text]:
        for detail in details:
            yield from self._quoted(detail.trace, indent)
            for sentence in detail.sentences:
                yield from self._wrapped(sentence, indent)

    def _quoted(self, lines: Iterable[str], indent: int) -> Iterator[Text]:
        """Text of the student's as it is, behind a bar."""
        for line in lines:
            for part in wrap(line, max(16, self.width - indent - 2)):
                yield Text.assemble(" " * indent, ("│ ", "dim"), (part, "dim"))

    def _line(self, mark: Mark, worth: str, sentence: str, remark: str) -> Iterator[Text]:
        style = _STYLES[mark.tone]
        head = Text.assemble(
            (mark.sign, f"bold {style}"), "  ", (pad(worth, self.worth_width), style), "  "
        )
        text = f"{sentence} ({remark})" if remark else sentence
        strength = "bold" if mark.tone == "bad" else ""
        yield from self._wrapped(text, self.indent, strength, head=head, hangs=True)

    def _foot(self, saved: Sequence[Path]) -> Iterator[Text]:
        view, lang = self.view, self.view.lang
        full = round(BAR_WIDTH * view.fraction)
        yield Text()
        yield Text.assemble(
            (label("total", lang) + "  ", "bold"),
            ("━" * full, _STYLES[view.tone]),
            ("━" * (BAR_WIDTH - full), "bright_black"),
            "  ",
            (view.score, f"bold {_STYLES[view.tone]}"),
            (f"  {view.counted}", "dim"),
        )
        shown = " · ".join(
            f"{name}{label('colon', lang)}{value}" for name, value in view.conditions[:4]
        )
        yield from self._wrapped(shown, 0, "dim")
        for note in view.notes:
            yield from self._wrapped(note, 0, "dim")
        for path in saved:
            head = label("saved", lang) + label("colon", lang)
            yield Text.assemble((head, "dim"), one_line(str(path)))
        yield Text()
        yield from self._wrapped(view.next_step, 2, "bold", head=Text("→ ", "bold"), hangs=True)
        yield Text()

    def _wrapped(
        self,
        text: str,
        indent: int,
        style: str = "",
        *,
        head: Text | None = None,
        hangs: bool = False,
    ) -> Iterator[Text]:
        """A text in lines, indented; `head` stands before it, in the indent if it `hangs`."""
        before = Text() if head is None else head
        offset = 0 if hangs else cell_width(before.plain)
        # A stand-in as wide as the head, so that the first line breaks in the right place.
        lines = wrap("\0" * offset + text, max(16, self.width - indent))
        lines[0] = lines[0][offset:]
        margin = Text() if hangs else Text(" " * indent)
        yield Text.assemble(margin, before, _coloured(lines, style)[0])
        for line in _coloured(lines, style)[1:]:
            yield Text.assemble(" " * indent, line)


def _coloured(lines: list[str], style: str) -> list[Text]:
    """Lines with their code in another colour, also where code runs over the end of a line."""
    whole = Text()
    for piece, is_code in spans("\n".join(lines)):
        whole.append(f"`{piece}`" if is_code else piece, f"{style} {_CODE}" if is_code else style)
    return list(whole.split("\n", allow_blank=True))


def _spaced(blocks: Iterable[list[Text]]) -> Iterator[Text]:
    """Blocks of lines, with an empty line on either side of any that has more than one."""
    size = 1
    for place, block in enumerate(blocks):
        if place > 0 and max(size, len(block)) > 1:
            yield Text()
        yield from block
        size = len(block)


def _remark(mark: Mark) -> str:
    """The verdict in words, where the sign alone says too little."""
    return mark.name if mark.sign != "✓" else ""
