"""How exact a timed task is on a machine that does other things: `python -m benchmarks.timing`.

The same code is timed against itself, so the true ratio is 1, while another process keeps one core
busy. Beside it: what a test does that takes the time with perf_counter.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import machine
from benchmarks.__main__ import PAGE
from benchmarks.table import Row, Table, fill, render
from grader.course import find_course, load_exercise
from grader.judge.attempt import Attempt, Options
from grader.judge.results import Timing
from grader.submission import read_submission

_BUSY = "while True: pass"
_GOAL = 5.0
"""Times as tight as the naive way."""
_SOLUTION = """
import torch

def solve(rows):
    for _ in range(200):
        result = (rows[:-1] + rows[1:]) / 2
    return result
"""
_NAIVE = """
import time
import torch
import mine, theirs

def seconds(solve):
    rows = torch.randn(50, 1000)
    start = time.perf_counter()
    solve(rows)
    return time.perf_counter() - start

def test_speed():
    print("ratio", seconds(mine.solve) / seconds(theirs.solve))
"""
_CHECKS = '''
"""One timed check."""
from grader.checks import assert_tensor, check

@check(points=1, zh="快。")
def test_fast(timed, rng):
    """It is as fast as the reference."""
    for run in timed:
        rows = rng.randn(50, 1000)
        assert_tensor(run.submission.solve(rows), (rows[:-1] + rows[1:]) / 2)
'''
_YAML = """
title: {en: Rows, zh: 行}
topics: [x]
minutes: 1
limits: {submission_seconds: 600}
timed:
  - check: test_fast
    devices: [cpu]
"""


def measure(rounds: int) -> Table:
    """Time the solution against itself, in turns with the naive way."""
    timings: list[Timing] = []
    naive: list[float] = []
    with tempfile.TemporaryDirectory() as name, busy_core(), _graded(Path(name)) as timed:
        (Path(name) / "test_naive.py").write_text(_NAIVE, "utf-8")
        for module in ("mine", "theirs"):
            (Path(name) / f"{module}.py").write_text(_SOLUTION, "utf-8")
        for _ in range(rounds):
            timings.append(next(timed))
            naive.append(_naive(Path(name)))
    ours, theirs = _spread([timing.value for timing in timings]), _spread(naive)
    held = sum(timing.low <= 1 <= timing.high for timing in timings)
    factor = theirs / ours
    note = (
        "The same code against itself, so that the true ratio is 1, with another process on one of "
        f"the cores, {rounds} times each in turns. The spread is the factor between the 5th and "
        "the 95th percentile."
    )
    rows = (
        Row("perf_counter in pytest", f"spread {math.exp(theirs):.3g} x"),
        Row(
            "timed task",
            f"spread {math.exp(ours):.3g} x",
            f"{factor:.3g} times tighter",
            f"{_GOAL:g} times",
            "yes" if factor >= _GOAL else "NO",
        ),
        Row(
            "1.0 within the interval",
            f"{held} of {rounds}",
            "",
            "95 of 100",
            "yes" if held >= 0.95 * rounds else "NO",
        ),
    )
    return Table("Precision of a ratio", note, rows)


def _spread(ratios: list[float]) -> float:
    """From the 5th to the 95th percentile, in logs."""
    if len(ratios) == 1:
        return abs(math.log(ratios[0]))
    cuts = statistics.quantiles(map(math.log, ratios), n=20, method="inclusive")
    return cuts[-1] - cuts[0]


@contextlib.contextmanager
def busy_core() -> Iterator[None]:
    """Keep one core busy during the block."""
    with subprocess.Popen([sys.executable, "-c", _BUSY]) as busy:
        try:
            yield
        finally:
            busy.kill()


@contextlib.contextmanager
def _graded(root: Path) -> Iterator[Iterator[Timing]]:
    """Give what grading comes to, again and again, with one judge."""
    for part in ("exercises", "solutions"):
        folder = root / part / "ex01_rows"
        folder.mkdir(parents=True)
        (folder / "ex01_rows.py").write_text(_SOLUTION, "utf-8")
    (root / "course.yaml").write_text("title: {en: T, zh: 时}\n", "utf-8")
    (root / "exercises/ex01_rows/exercise.yaml").write_text(_YAML, "utf-8")
    (root / "exercises/ex01_rows/test_public.py").write_text('"""None."""\n', "utf-8")
    (root / "solutions/ex01_rows/test_hidden.py").write_text(_CHECKS, "utf-8")
    exercise = load_exercise(find_course(root).resolve("ex01_rows"))
    submission = read_submission(exercise.reference, exercise.entry)
    with Attempt(is_single=False) as attempt:

        def graded() -> Iterator[Timing]:
            while True:
                result = attempt.grade(
                    exercise, submission, Options(), lambda _: None, lambda _: None
                )
                timing = result.checks[0].timing
                if timing is None:
                    raise RuntimeError(f"nothing was timed: {result.checks}")
                yield timing

        yield graded()


def _naive(folder: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "test_naive.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("ratio"))
    return float(line.split()[1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="of each (default 100)")
    parser.add_argument("--update-docs", action="store_true", help=f"write into {PAGE.name} too")
    options = parser.parse_args()
    text = "\n\n".join([machine.describe(), render(measure(options.rounds))])
    print(text)
    if options.update_docs:
        fill(PAGE, "timing", text)


if __name__ == "__main__":
    main()
