"""How a check can end other than by a comparison: the exceptions that carry a verdict.

StudentFault        the submission's doing: a verdict and its causes
|-- StudentRaised   its code raised an exception (by its own testimony)
Inconclusive        nobody's: a timing that says too little
JudgeFault          ours: the check is retried and costs no points
"""

from __future__ import annotations

import re

from grader.judge.results import Cause, Frame
from grader.judge.verdicts import Verdict
from grader.wire.messages import Raised


class StudentFault(Exception):
    """The submission did not answer a request as it should."""

    def __init__(self, verdict: Verdict, *causes: Cause) -> None:
        super().__init__(f"{verdict}: {', '.join(cause.kind for cause in causes)}")
        self.verdict = verdict
        self.causes = causes


class StudentRaised(StudentFault):
    """The submission's code raised an exception, with these places in its files on the way."""

    def __init__(self, raised: Raised, frames: tuple[Frame, ...] = ()) -> None:
        super().__init__(Verdict.CRASHED, _cause(raised, frames))
        self.raised = raised

    def is_a(self, exception: type[BaseException]) -> bool:
        """Whether the exception says it is an `exception`.

        A stub's NotImplementedError is a RuntimeError to Python; it is no answer to any check that
        asks for one.
        """
        if is_not_written(self.raised):
            return exception is NotImplementedError
        return exception.__name__ in self.raised.bases


class Inconclusive(Exception):
    """A timing that the machine was too noisy for."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.kind)
        self.verdict = Verdict.INCONCLUSIVE
        self.causes = (cause,)


class JudgeFault(Exception):
    """The grader's own fault: never the student's."""


def is_not_written(raised: Raised) -> bool:
    """Whether a stub's bare `raise NotImplementedError` was reached; torch's own have a text."""
    return raised.type == "NotImplementedError" and not raised.text


def _cause(raised: Raised, frames: tuple[Frame, ...]) -> Cause:
    line = {"line": frames[-1].line} if frames else {}
    if raised.phase == "import":
        return Cause(*_import_cause(raised, line), frames)
    function = {"function": frames[-1].function if frames else ""}
    if is_not_written(raised):
        return Cause("not_written", function)
    if raised.type == "RecursionError":
        return Cause("recursion", function, frames)
    return Cause("raised", {**_what(raised), **line, **function}, frames)


def _import_cause(raised: Raised, line: dict[str, int]) -> tuple[str, dict[str, str | int]]:
    if "ModuleNotFoundError" in raised.bases:
        module = raised.text.removeprefix("No module named ").strip("'")
        return "import_failed", {"module": module, **line}
    if "SyntaxError" in raised.bases:
        # Python adds the place, by a line that a notebook does not have.
        message = re.sub(r" \([^()]*, line \d+\)$", "", raised.text)
        return "syntax_error", {"message": message, **line}
    return "import_raised", {**_what(raised), **line}


def _what(raised: Raised) -> dict[str, str]:
    return {"type": raised.type, "text": raised.text}
