"""Time other graders on one small submission: `python -m benchmarks.peers`.

Installs them into an environment of its own, which is removed afterwards; torch is taken from the
environment that runs this, so that the submission can import it everywhere. The same notebook, the
same question and the same single check for all; no containers, which would only add to the time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machine
from benchmarks.course import ROOT
from benchmarks.peer_courses import (
    CourseMaker,
    make_grade_course,
    make_nbgrader_course,
    make_otter_course,
)
from benchmarks.samples import milliseconds
from benchmarks.table import Row, Table, fill, measured, render

_PAGE = ROOT / "docs" / "benchmarks.md"
_INSTALL_SECONDS, _RUN_SECONDS = 600, 300


class CannotRunError(Exception):
    """A peer cannot be installed or run here."""


@dataclass(frozen=True)
class Grader:
    """A grader and how to have it grade the submission once."""

    name: str
    packages: tuple[str, ...]
    """What to install from the package index; none for what is here already."""
    make: CourseMaker


_GRADERS = (
    Grader("grade EXERCISE NOTEBOOK", (), make_grade_course),
    Grader(
        "otter run (otter-grader, no container)", ("otter-grader", "ipykernel"), make_otter_course
    ),
    Grader("nbgrader autograde", ("nbgrader",), make_nbgrader_course),
)


def main() -> None:
    """Install, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--update-docs", action="store_true", help=f"write into {_PAGE.name} too")
    options = parser.parse_args()
    head = [machine.describe(), *(f"Not quiet: {found}." for found in machine.warnings())]
    with tempfile.TemporaryDirectory() as folder:
        table = _measure(Path(folder), max(1, options.rounds))
    text = "\n\n".join([*head, render(table)])
    print(text)
    if options.update_docs:
        fill(_PAGE, "peers", text)


def _measure(folder: Path, rounds: int) -> Table:
    """Time every grader in turns; one that fails keeps its reason instead of a number."""
    runs: dict[str, Callable[[], float]] = {}
    reasons: dict[str, str] = {}
    for number, grader in enumerate(_GRADERS):
        try:
            runs[grader.name] = _prepared(grader, folder / str(number))
        except CannotRunError as error:
            reasons[grader.name] = str(error)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            seconds[name].append(run())
    rows = [
        Row(grader.name, f"cannot run here: {reasons[grader.name]}")
        if grader.name in reasons
        else measured(grader.name, milliseconds(seconds[grader.name]))
        for grader in _GRADERS
    ]
    note = (
        "One notebook with one function, which imports torch, and one check of it; the whole "
        f"command, {rounds} times each in turns, no container. Only `grade` isolates what it runs."
    )
    return Table("Other graders", note, tuple(rows))


def _prepared(grader: Grader, folder: Path) -> Callable[[], float]:
    """Install a grader and make its course; return what runs it once, after one warm-up."""
    folder.mkdir()
    binaries = Path(sys.executable).parent
    if grader.packages:
        binaries = _install(grader.packages, folder / "environment")
    environment = {
        **os.environ,
        "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}",
        "GRADE_STATE_DIR": str(folder),
        "HOME": str(folder),
    }
    place = folder / "course"
    place.mkdir()
    course = grader.make(place)
    for command in course.set_up:
        _run([str(binaries / command[0]), *command[1:]], place, environment, _RUN_SECONDS)
    course.finish()

    def run() -> float:
        command = [str(binaries / course.command[0]), *course.command[1:]]
        started = time.monotonic()
        said = _run(command, place, environment, _RUN_SECONDS)
        seconds = time.monotonic() - started
        if not course.has_passed(said):
            raise CannotRunError("the submission did not get its point")
        return seconds

    run()
    return run


def _install(packages: tuple[str, ...], place: Path) -> Path:
    """Make an environment with packages in it; return the folder of its commands."""
    venv.create(place, with_pip=True)
    binaries = place / "bin"
    command = [str(binaries / "python"), "-m", "pip", "install", "--quiet", *packages]
    _run(command, place, dict(os.environ), _INSTALL_SECONDS)
    (library,) = place.glob("lib/python*/site-packages")
    # Last on the path: what the peer has installed itself comes first.
    (library / "torch-from-outside.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return binaries


def _run(command: list[str], place: Path, environment: dict[str, str], seconds: float) -> str:
    """Run a command to its end and return what it printed; raises CannotRunError."""
    try:
        done = subprocess.run(
            command,
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotRunError(f"{type(error).__name__}") from error
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
        raise CannotRunError(f"{Path(command[0]).name} ended with {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    main()
