"""How long a command takes from start to end, against `import torch` alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.course import EXERCISE, REFERENCE, ROOT, STUB
from benchmarks.samples import Sample, milliseconds
from benchmarks.table import Table, compared, measured

_GRADE = str(Path(sys.executable).with_name("grade"))
_IMPORT = "python -c 'import torch'"
_BOUNDS = {
    f"grade {EXERCISE} (reference)": (1.5, 1.25),
    f"grade {EXERCISE} (stub)": (1.5, 1.25),
    "grade list": (0.3, None),
}
"""(bound, goal) of the ratio."""
_NOT_ALL_PASSED = 1


def measure(rounds: int, *, warm_up: bool) -> Table:
    """Time every command `rounds` times, in turns; the ratio is to `import torch`."""
    samples = _run_in_turns(rounds, warm_up=warm_up)
    base = samples[_IMPORT]
    rows = [measured(_IMPORT, base)]
    for name, sample in samples.items():
        if name != _IMPORT:
            bound, goal = _BOUNDS.get(name, (None, None))
            rows.append(compared(name, sample, base, bound=bound, goal=goal))
    note = (
        f"The installed command with its output in a pipe, {rounds} times each in turns. "
        f"The ratio is to `{_IMPORT}` with the same interpreter."
    )
    return Table("Latency", note, tuple(rows))


def _commands(folder: Path) -> dict[str, list[str]]:
    # A copy: grading the stub in its place would be remembered as somebody's progress.
    stub = shutil.copy(STUB, folder)
    return {
        _IMPORT: [sys.executable, "-c", "import torch"],
        f"grade {EXERCISE} (reference)": [_GRADE, EXERCISE, str(REFERENCE)],
        f"grade {EXERCISE} (stub)": [_GRADE, EXERCISE, str(stub)],
        "grade list": [_GRADE, "list"],
        f"grade show {EXERCISE}": [_GRADE, "show", EXERCISE],
        "grade --help": [_GRADE, "--help"],
    }


def _run_in_turns(rounds: int, *, warm_up: bool) -> dict[str, Sample]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "GRADE_STATE_DIR": folder}
        commands = _commands(Path(folder))
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        if warm_up:
            for command in commands.values():
                _time(command, environment)
        for _ in range(rounds):
            for name, command in commands.items():
                seconds[name].append(_time(command, environment))
    return {name: milliseconds(values) for name, values in seconds.items()}


def _time(command: list[str], environment: dict[str, str]) -> float:
    """Run a command to its end; return the seconds. Raises RuntimeError where it fails."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    seconds = time.monotonic() - started
    if done.returncode not in (0, _NOT_ALL_PASSED):
        raise RuntimeError(f"{command} failed:\n{done.stderr.decode(errors='replace')}")
    return seconds
