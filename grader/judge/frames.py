"""A student's own traceback: the places that a worker names, with the lines that stand there.

A worker's word is taken for nothing but which places: the lines are quoted from the submission as
the judge has read it, and a place that is not in it is left out.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Mapping, Sequence

from grader.judge.results import Frame
from grader.submission import source_problem

_LONGEST_LINE = 300
"""Characters kept of a line; a report shows fewer."""


def quoted(places: Sequence[tuple[str, int, str]], files: Mapping[str, bytes]) -> tuple[Frame, ...]:
    """The places (file, line, function) that are in the files, with their lines."""
    lines = {name: _lines(files[name], name) for name, _, _ in places if name in files}
    frames = []
    for name, line, function in places:
        own = lines.get(name, [])
        text = own[line - 1].strip() if line <= len(own) else ""
        if text:
            frames.append(Frame(name, line, function, text[:_LONGEST_LINE]))
    return tuple(frames)


def _lines(source: bytes, name: str) -> list[str]:
    """The lines as Python counts them; none where the file is no text that can be graded."""
    # First the cheap look: some encodings that a file may declare take hours.
    problem = source_problem(source, name)
    if problem is not None and problem.kind == "not_python":
        return []
    encoding = tokenize.detect_encoding(io.BytesIO(source).readline)[0]
    text = source.decode(encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
