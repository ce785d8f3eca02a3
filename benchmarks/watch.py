"""How long `grade watch` takes from a save to the report, against `import torch` alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.course import EXERCISE, REFERENCE, ROOT
from benchmarks.samples import milliseconds
from benchmarks.table import Table, compared, measured

_IMPORT = "python -c 'import torch'"
_WAITS = "Waiting for the next save"
_GOAL = 0.25
_QUIET_SECONDS = 1.0
"""Between a report and the next save: a student reads, and the next attempt is prepared."""
_ROWS = {
    f"grade watch {EXERCISE} --public-only": ["--public-only"],
    f"grade watch {EXERCISE}": [],
}


def measure(rounds: int) -> Table:
    """Save the reference again and again; the ratio is to `import torch`."""
    seconds: dict[str, list[float]] = {name: [] for name in (_IMPORT, *_ROWS)}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        watches = {
            name: stack.enter_context(_watching(folder / str(number), options))
            for number, (name, options) in enumerate(_ROWS.items())
        }
        for _ in range(rounds):
            started = time.monotonic()
            subprocess.run([sys.executable, "-c", "import torch"], check=True)
            seconds[_IMPORT].append(time.monotonic() - started)
            for name, watch in watches.items():
                seconds[name].append(watch.save())
    base = milliseconds(seconds[_IMPORT])
    graded = [
        compared(name, milliseconds(seconds[name]), base, bound=1, goal=_GOAL) for name in _ROWS
    ]
    note = (
        "From the moment that the reference is saved until the report with its last line has been "
        f"read from a pipe, {rounds} times each in turns; the command waits {_QUIET_SECONDS:g} s "
        "for each save. Students have the public checks alone."
    )
    return Table("From save to report", note, (measured(_IMPORT, base), *graded))


class _Watch:
    """A running `grade watch` of a copy of the reference."""

    def __init__(self, process: subprocess.Popen[str], file: Path) -> None:
        self._process = process
        self._file = file
        self._text = REFERENCE.read_text("utf-8")
        self.wait()

    def save(self) -> float:
        """Save, and return the seconds until the report is there."""
        time.sleep(_QUIET_SECONDS)
        started = time.monotonic()
        self._file.write_text(self._text, "utf-8")
        self.wait()
        return time.monotonic() - started

    def wait(self) -> None:
        """Read on to the end of a report; RuntimeError if not everything passed."""
        report = ""
        while _WAITS not in report:
            line = self._process.stdout.readline() if self._process.stdout else ""
            if not line:
                raise RuntimeError(f"grade watch ended:\n{report}")
            report += line
        if "FAIL" in report:
            raise RuntimeError(f"the reference did not pass:\n{report}")


@contextlib.contextmanager
def _watching(folder: Path, options: list[str]) -> Iterator[_Watch]:
    folder.mkdir()
    file = Path(shutil.copy(REFERENCE, folder))
    process = subprocess.Popen(
        [sys.executable, "-m", "grader.cli", "watch", EXERCISE, str(file), *options],
        cwd=ROOT,
        env={**os.environ, "GRADE_STATE_DIR": str(folder), "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield _Watch(process, file)
        finally:
            process.terminate()  # a background job of a shell, and what it starts, ignores Ctrl-C
