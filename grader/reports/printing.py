"""Print a report: with rich on a terminal, as plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from grader.judge.results import SubmissionResult
from grader.reports import plain
from grader.reports.view import build_view
from grader.text import Lang

if TYPE_CHECKING:
    from rich.console import Console


def print_rich(
    result: SubmissionResult,
    console: Console,
    lang: Lang,
    *,
    saved: Sequence[Path] = (),
    verbose: bool = False,
) -> None:
    """Print a result to a terminal; `saved` are the reports already written, to be named.

    A terminal that cannot show Unicode gets the plain lines.
    """
    if not console.encoding.startswith("utf"):
        print_plain(result, console.file, lang, saved=saved, verbose=verbose)
        return
    from grader.reports import terminal  # noqa: PLC0415 - rich is loaded only for a terminal

    terminal.show(build_view(result, lang, verbose=verbose), console, saved)


def print_plain(
    result: SubmissionResult,
    stream: IO[str],
    lang: Lang,
    *,
    saved: Sequence[Path] = (),
    verbose: bool = False,
) -> None:
    """Print a result without colour; what the stream's encoding lacks is written as escapes."""
    text = plain.render(build_view(result, lang, verbose=verbose), saved)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
