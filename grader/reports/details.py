"""What stands below a check: its causes in words, the student's traceback, what was printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.judge.results import Cause, Frame
from grader.reports.messages import explain, label
from grader.reports.torch_errors import explain_error
from grader.reports.visible import one_line, visible
from grader.text import Lang

MAX_CAUSES = 8
OUTPUT_LINES = 12
OUTPUT_LIMIT = 1200
LINE_LIMIT = 300
QUOTE_LIMIT = 120

# The place in torch's own C++ that ends its warnings.
_INTERNALLY = re.compile(r" ?\(Triggered internally at [^()\n]{1,300}\)")


@dataclass(frozen=True)
class Detail:
    """Something that is wrong, in one sentence, with what belongs to it."""

    text: str
    trace: tuple[str, ...] = ()
    """For an exception the student's own traceback, to be shown as it is before the sentence."""
    explanation: str | None = None
    """What the error means, to be shown after the sentence."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentence and, where there is one, the explanation."""
        return (self.text, self.explanation) if self.explanation else (self.text,)


def explain_all(causes: tuple[Cause, ...], lang: Lang) -> tuple[Detail, ...]:
    """The causes in words, and how many more there are."""
    details = tuple(detail(cause, lang) for cause in causes[:MAX_CAUSES])
    surplus = len(causes) - MAX_CAUSES
    if surplus > 0:
        return (*details, Detail(label("more_causes", lang, count=surplus)))
    return details


def detail(cause: Cause, lang: Lang) -> Detail:
    """A cause in words."""
    meaning = explain_error(cause)
    return Detail(
        explain(cause, lang),
        trace=tuple(line for frame in cause.frames for line in _frame_lines(frame, lang)),
        explanation=meaning[lang] if meaning else None,
    )


def _frame_lines(frame: Frame, lang: Lang) -> tuple[str, str]:
    """Where a frame is, and below it the line that stands there."""
    if frame.cell is None:
        file = one_line(frame.file, QUOTE_LIMIT)
        place = label("frame", lang, file=file, line=frame.line)
    else:
        place = label("frame_in_cell", lang, cell=frame.cell, line=frame.line)
    # Code outside of functions is called <module>, which tells a student nothing.
    if frame.function not in ("", "<module>"):
        function = one_line(frame.function, QUOTE_LIMIT)
        place = label("frame_in_function", lang, place=place, function=function)
    return place, "    " + one_line(frame.text, QUOTE_LIMIT)


def output_lines(output: str, lang: Lang) -> tuple[str, ...]:
    """The first lines of what was printed, and how many more there are."""
    lines = visible(_INTERNALLY.sub("", output.strip("\n")), OUTPUT_LIMIT).expandtabs(4).split("\n")
    shown = tuple(visible(line, LINE_LIMIT).rstrip() for line in lines[:OUTPUT_LINES])
    surplus = len(lines) - OUTPUT_LINES
    if surplus > 0:
        return (*shown, label("more_lines", lang, count=surplus))
    return shown if any(shown) else ()
