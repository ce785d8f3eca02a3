"""How large the course is and what grading all of it takes: `python -m benchmarks.whole_course`.

A complete student is one who has handed in every exercise: here the references, in one process
tree, two at a time for each core as in a class run, and without the timed tasks, whose time is
their own.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time

from benchmarks import machine
from benchmarks.__main__ import PAGE
from benchmarks.course import ROOT, SEED
from benchmarks.samples import Sample, megabytes
from benchmarks.table import Row, Table, fill, measured, render
from benchmarks.watched import run
from grader.course import Exercise, find_course, load_exercise
from grader.course.sentences import public_sentences
from grader.course.solutions import load_solutions, solution_files
from grader.judge.attempt import Options
from grader.judge.bench import Bench, side_by_side
from grader.judge.warm import SharedNursery
from grader.submission import Submission

_SECONDS = 60.0
_LOOK_SECONDS = 1.0
_LARGEST = 5


def measure(rounds: int, *, with_verify: bool) -> list[Table]:
    """Count, then grade a complete student so often; with `grade verify` if wished."""
    exercises = [load_exercise(ref) for ref in find_course(ROOT).exercises()]
    runs = [
        run(
            [sys.executable, "-m", "benchmarks.whole_course", "--grade"],
            ROOT,
            look_every=_LOOK_SECONDS,
        )
        for _ in range(rounds)
    ]
    sample = Sample(tuple(each.seconds for each in runs), "s")
    holds = "yes" if sample.median <= _SECONDS else "NO"
    memory = str(megabytes([each.peak for each in runs]))
    name = f"a complete student, {len(exercises)} exercises"
    rows = [Row(name, str(sample), "", f"{_SECONDS:g} s", holds, memory)]
    told = json.loads(runs[-1].printed.splitlines()[-1])
    longest = sorted(told, key=told.__getitem__, reverse=True)[:_LARGEST]
    rows += [Row(each, f"{told[each]:.2f} s") for each in longest]
    if with_verify:
        proved = run([sys.executable, "-m", "grader.cli", "verify"], ROOT)
        rows.append(measured("`grade verify`", Sample((proved.seconds,), "s")))
    note = (
        "The references, without timed tasks, in one process tree; below it the exercises that "
        "take longest, while others run beside them. Memory is that of all processes."
    )
    return [_size(exercises), Table("Grading all of it", note, tuple(rows))]


def _size(exercises: list[Exercise]) -> Table:
    solutions = [load_solutions(exercise) for exercise in exercises]
    counts = {
        "exercises": len(exercises),
        "public checks": sum(len(public_sentences(exercise)) for exercise in exercises),
        "hidden checks": sum(map(_hidden, exercises)),
        "wrong solutions": sum(len(each.wrong) for each in solutions),
        "other right solutions": sum(len(each.right()) for each in solutions),
        "timed tasks": sum(len(exercise.timed) for exercise in exercises),
        "hours for a student, as estimated": round(sum(e.minutes for e in exercises) / 60),
    }
    rows = tuple(Row(name, str(count)) for name, count in counts.items())
    return Table("The course", "What there is of it.", rows)


def _hidden(exercise: Exercise) -> int:
    path = exercise.hidden_checks
    return path.read_text("utf-8").count("\ndef test_") if path else 0


def grade_all() -> dict[str, float]:
    """Grade every reference; return the seconds of each, and fail if one is not right."""
    exercises = [load_exercise(ref) for ref in find_course(ROOT).exercises()]
    nursery = SharedNursery()
    benches = [Bench(nursery) for _ in range(2 * (os.cpu_count() or 1))]
    with (
        contextlib.closing(nursery),
        contextlib.closing(side_by_side([[each] for each in exercises], benches, _grade)) as ended,
    ):
        return {exercise.name: seconds for exercise, seconds in ended}


def _grade(bench: Bench, exercise: Exercise) -> float:
    started = time.monotonic()
    files = solution_files(exercise, exercise.reference)
    submission = Submission(str(exercise.reference), exercise.entry, files)
    result = bench.grade(exercise, submission, Options(seed=SEED, is_timed=False))
    if not result.all_passed:
        raise RuntimeError(f"the reference of {exercise.name} is not right")
    return time.monotonic() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole_course", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="complete students (default 3)")
    parser.add_argument("--verify", action="store_true", help="time `grade verify` too")
    parser.add_argument("--grade", action="store_true", help="only grade one, and print seconds")
    parser.add_argument("--update-docs", action="store_true", help=f"write into {PAGE.name} too")
    options = parser.parse_args()
    if options.grade:
        print(json.dumps(grade_all()))
        return
    tables = measure(options.rounds, with_verify=options.verify)
    text = "\n\n".join([machine.describe(), *map(render, tables)])
    print(text)
    if options.update_docs:
        fill(PAGE, "whole course", text)


if __name__ == "__main__":
    main()
