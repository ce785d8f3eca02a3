"""What is fuzzed: one function for each entrance through which foreign bytes come in.

A target takes any bytes. It lets through nothing but the error that its entrance documents, and
asserts what holds for every result. Whatever else leaves a target is a finding.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Imported late by what is fuzzed; the fuzzer watches only what is loaded with this module.
import nbformat.reader  # noqa: F401

import grader.course.document  # noqa: F401
from fuzzing.expected import EXPECTED
from grader.course import ExerciseRef, load_exercise
from grader.errors import UserError
from grader.judge.compare import assert_close, assert_equal, assert_tensor
from grader.judge.failures import CheckFailed
from grader.judge.results import Cause
from grader.reports import explain, visible
from grader.reports.visible import is_unsafe, one_line
from grader.submission import read_submission, source_problem
from grader.submission.limits import MAX_FILES, MAX_SOURCE_BYTES, MAX_TOTAL_BYTES
from grader.submission.magics import to_python
from grader.submission.names import is_safe
from grader.submission.notebook import read_notebook
from grader.text import LANGS
from grader.wire import WireError
from grader.wire.codec import decode
from grader.wire.limits import MAX_PATH
from grader.wire.messages import Load, decode_reply, encode_message

ENTRY = "ex07_conv.py"
COMPARISONS = (assert_tensor, assert_equal, assert_close)
_LONGEST_SENTENCE = 700
"""Characters of a sentence for people: it may name eight files of 80 characters."""
_LONGEST_TEXT = 260
"""Characters of what a comparison quotes of a value: 60 bytes, each of them as four."""


@dataclass(frozen=True)
class Target:
    """One entrance and what a single input may cost there."""

    run: Callable[[bytes], None]
    longest: int
    """Bytes of an input: beyond the entrance's own limit, where that is small enough."""
    seconds: int
    """For one input; several times what the slowest takes, because a fuzzed machine is busy."""
    megabytes: int
    """For the process: 570 with torch and the corpus, and then what an input may cost."""


def wire(data: bytes) -> None:
    """A reply of a worker: WireError, or a message that has no other encoding."""
    try:
        number, reply = decode_reply(data)
    except WireError:
        return
    assert encode_message(reply, number) == data


def comparison(data: bytes) -> None:
    """A decoded value against an expected one, or two against each other.

    The first byte chooses the comparison and the expected value.
    """
    try:
        actual = decode(data[1:])
    except WireError:
        return
    which, choice = divmod(data[0], len(EXPECTED) + 1)
    if choice < len(EXPECTED):
        expected = EXPECTED[choice]
    elif type(actual) is tuple and len(actual) == 2:
        actual, expected = actual
    else:
        return
    failure = _failure(COMPARISONS[which % len(COMPARISONS)], actual, expected)
    if failure is not None:
        assert failure.causes
        assert str(failure).isprintable()
        for cause in failure.causes:
            require_short(cause)


def notebook(data: bytes) -> None:
    """A notebook: UserError, or a source of bounded size with a map of all its lines."""
    with one_sentence():
        source, source_map = read_notebook(data, "handed-in.ipynb")
        assert len(source) <= MAX_SOURCE_BYTES
        assert source.decode("utf-8", "surrogatepass").startswith("# -*- coding: utf-8 -*-\n")
        assert list(source_map.starts) == sorted(source_map.starts)
        for line in (1, source.count(b"\n") + 1):
            place = source_map.locate(line)
            assert place.cell >= 1
            assert place.line >= 1


def magics(data: bytes) -> None:
    """A cell of a notebook: as many lines as before, or dropped."""
    cell = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    python = to_python(cell)
    assert python is None or python.count("\n") == cell.count("\n")
    assert python is None or len(python) <= len(cell) + len("pass") * (cell.count("\n") + 1)


def archive(data: bytes) -> None:
    """A zip: UserError, or files that the wire carries to a worker."""
    with _file("handed-in.zip", data) as path, one_sentence():
        submission = read_submission(path, ENTRY)
        assert ENTRY in submission.files
        assert len(submission.files) <= MAX_FILES
        assert sum(map(len, submission.files.values())) <= MAX_TOTAL_BYTES
        for name in submission.files:
            assert is_safe(name)
            assert len(name) <= MAX_PATH
        encode_message(Load(dict(submission.files), submission.entry, "cpu", 0, 1), 1)


def exercise(data: bytes) -> None:
    """An exercise.yaml: UserError, or an exercise whose numbers are numbers."""
    with _file("exercise.yaml", data) as path, one_sentence():
        limits = load_exercise(ExerciseRef(path.parent)).limits
        assert 0 < limits.request_seconds < 1e12
        assert 0 < limits.memory_mb < 1e12


def source(data: bytes) -> None:
    """A Python file: nothing wrong, or one cause that a report can tell."""
    problem = source_problem(data, ENTRY)
    if problem is not None:
        assert problem.kind in ("not_python", "empty_file")
        require_short(problem)


def shown(data: bytes) -> None:
    """Any text at all, lone surrogates too: nothing invisible is left of it."""
    text = data.decode("utf-8", "surrogateescape")
    for limit in (10, 2000):
        for result, allowed in ((visible(text, limit), "\n\t"), (one_line(text, limit), "")):
            assert not [char for char in result if char not in allowed and is_unsafe(char)]
            assert len(result.encode()) <= 10 * limit + 40


TARGETS = {
    "wire": Target(wire, longest=1 << 16, seconds=5, megabytes=1024),
    "comparison": Target(comparison, longest=1 << 16, seconds=5, megabytes=1024),
    "notebook": Target(notebook, longest=1 << 18, seconds=10, megabytes=1024),
    "magics": Target(magics, longest=1 << 16, seconds=5, megabytes=1024),
    "archive": Target(archive, longest=1 << 16, seconds=10, megabytes=1024),
    "exercise": Target(exercise, longest=70_000, seconds=10, megabytes=1024),
    "source": Target(source, longest=1 << 16, seconds=5, megabytes=1024),
    "shown": Target(shown, longest=1 << 14, seconds=5, megabytes=1024),
}


def _failure(
    compare: Callable[[Any, Any], None], actual: object, expected: object
) -> CheckFailed | None:
    try:
        compare(actual, expected)
    except CheckFailed as failure:
        return failure
    return None


@contextlib.contextmanager
def one_sentence() -> Iterator[None]:
    """Let UserError through, if it says what it has to say in one sentence of each language."""
    try:
        yield
    except UserError as error:
        for text in filter(None, (error.message, error.next_step)):
            for lang in LANGS:
                sentence = text[lang]
                assert sentence
                assert not any(map(is_unsafe, sentence)), sentence
                assert "Traceback" not in sentence
                assert len(sentence) <= _LONGEST_SENTENCE, sentence


def require_short(cause: Cause) -> None:
    """Assert that a cause is small plain data, and that a report can tell it in one line."""
    for value in cause.data.values():
        assert isinstance(value, (str, int, float, bool))
        assert not isinstance(value, str) or len(value) <= _LONGEST_TEXT, cause
    for lang in LANGS:
        assert not any(map(is_unsafe, explain(cause, lang)))


@contextlib.contextmanager
def _file(name: str, data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fuzzing-") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path
