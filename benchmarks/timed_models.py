"""Whether timed tasks end as promised on a busy machine: `python -m benchmarks.timed_models`.

Grades five submissions of each of the three model exercises again and again, with a new seed every
time, while another process keeps one core busy, and counts how often the verdict is the promised
one. A cheat is slow, and does what its kind of cheat does to hide that.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import machine
from benchmarks.__main__ import PAGE
from benchmarks.course import ROOT
from benchmarks.table import Row, Table, fill, render
from benchmarks.timing import busy_core
from grader.course import Exercise, find_course, load_exercise
from grader.judge.attempt import Attempt, Options
from grader.judge.verdicts import Verdict
from grader.submission import Submission, read_submission

_NOISY = """

import random as _random
import time as _time


def _noisy(function):
    def slower(*args, **kwargs):
        start = _time.perf_counter()
        result = function(*args, **kwargs)
        until = _time.perf_counter() + _random.random() * (_time.perf_counter() - start)
        while _time.perf_counter() < until:
            pass
        return result

    return slower


{name} = _noisy({name})
"""
_REMEMBERS_BY_SHAPE = """

_slow, _known = pool2d, {}


def pool2d(X, size, mode="max", stride=1):
    key = tuple(X.shape), size, mode, stride
    if key not in _known:
        _known[key] = _slow(X, size, mode, stride)
    return _known[key]
"""
_STOPS_THE_CLOCKS = """

import time as _time

for _name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
    setattr(_time, _name, lambda: 0.0)
    setattr(_time, _name + "_ns", lambda: 0)
_time.sleep = lambda seconds: None
"""
_MAKES_THE_HISTORY_UP = """


def fit(model, loaders, epochs, lr, device):
    model.to(device)
    return [{"epoch": epoch, "loss": 1 / epoch} for epoch in range(1, epochs + 1)]
"""


@dataclass(frozen=True)
class _Model:
    """A model exercise: its timed check, and what its submissions are made of."""

    exercise: str
    check: str
    right: str
    slow: str
    noisy: str
    """The function that takes up to twice its time, at random."""
    cheat: str


_MODELS = (
    _Model(
        "ex09_pool",
        "test_pool2d_is_fast_on_a_batch",
        right="shifted_slices",
        slow="loops_over_the_pixels",
        noisy="pool2d",
        cheat=_REMEMBERS_BY_SHAPE,
    ),
    _Model(
        "ex39_dataloader",
        "test_an_epoch_is_quick",
        right="an_iterator_class",
        slow="filters_the_rest_for_every_batch",
        noisy="torch.stack",
        cheat=_STOPS_THE_CLOCKS,
    ),
    _Model(
        "ex43_train_loop",
        "test_training_is_quick_and_learns",
        right="gradients_by_hand",
        slow="reads_one_picture_at_a_time",
        noisy="fit",
        cheat=_MAKES_THE_HISTORY_UP,
    ),
)


@dataclass(frozen=True)
class _Case:
    """A submission and its promise."""

    name: str
    submission: Submission
    verdict: Verdict


def _cases(model: _Model, exercise: Exercise) -> Iterator[_Case]:
    """Three that are right, one of them noisy; one that is slow, and one that cheats besides."""
    folder = exercise.reference.parent

    def read(path: Path, more: str = "") -> Submission:
        submission = read_submission(path, exercise.entry)
        data = submission.files[exercise.entry] + more.encode()
        return replace(submission, files={**submission.files, exercise.entry: data})

    slow = folder / "wrong" / f"{model.slow}.py"
    noise = _NOISY.format(name=model.noisy)
    yield _Case("reference", read(exercise.reference), Verdict.PASSED)
    yield _Case(model.right, read(folder / "right" / f"{model.right}.py"), Verdict.PASSED)
    yield _Case("noisy", read(exercise.reference, noise), Verdict.PASSED)
    yield _Case(model.slow, read(slow), Verdict.FAILED)
    yield _Case("cheating", read(slow, model.cheat), Verdict.FAILED)


def measure(rounds: int) -> Table:
    """Grade everything so often."""
    course = find_course(ROOT)
    rows: list[Row] = []
    with busy_core():
        for model in _MODELS:
            exercise = load_exercise(course.resolve(model.exercise))
            with Attempt(is_single=False) as attempt:
                for case in _cases(model, exercise):
                    ended = Counter(
                        _ended(attempt, exercise, case, Options(seed=seed, select=model.check))
                        for seed in range(1, rounds + 1)
                    )
                    rows.append(_row(exercise, case, ended, rounds))
    note = (
        "The timed check alone, with another process on one of the cores. A right solution has to "
        "earn all points; a slow one fails, whatever it does to the clocks or its answers."
    )
    return Table("Timed tasks end as promised", note, tuple(rows))


def _ended(attempt: Attempt, exercise: Exercise, case: _Case, options: Options) -> str:
    """The verdict; of a check that passed, also its share of the points if that is not all."""
    result = attempt.grade(exercise, case.submission, options, lambda _: None, lambda _: None)
    (check,) = result.checks
    if check.verdict is Verdict.PASSED and check.share < 1:
        return f"{check.verdict} with {check.share:g} of the points"
    return str(check.verdict)


def _row(exercise: Exercise, case: _Case, ended: Counter[str], rounds: int) -> Row:
    held = ended.pop(str(case.verdict), 0)
    others = ", ".join(f"{count} {verdict}" for verdict, count in ended.items())
    return Row(
        f"{exercise.name}: {case.name}",
        f"{case.verdict} {held} of {rounds}",
        others,
        f"{rounds} of {rounds}",
        "yes" if held == rounds else "NO",
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timed_models", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="of each (default 100)")
    parser.add_argument("--update-docs", action="store_true", help=f"write into {PAGE.name} too")
    options = parser.parse_args()
    text = "\n\n".join([machine.describe(), render(measure(options.rounds))])
    print(text)
    if options.update_docs:
        fill(PAGE, "timed models", text)


if __name__ == "__main__":
    main()
