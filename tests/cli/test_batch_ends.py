"""However a class run is ended, what it has reported is kept and the next run does the rest."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests import fence
from tests.cli.classes import RIGHT, WRONG, hand_in, scores
from tests.cli.conftest import Grade
from tests.cli.running import descendants, running, wait_until_gone

KILLS = 50
_BATCH = ("batch", "handed_in", "--exercise", "add", "--jobs", "1")
_SMALL_DISK = "mount -t tmpfs -o size=500k none small && trap 'cp -r small/. kept' EXIT && \"$@\""
_CRASH = "import os\n\n\ndef add(a, b):\n    os._exit(3)\n"
_HANG = "def add(a, b):\n    while True:\n        pass\n"


def a_class(count: int) -> dict[str, str | bytes]:
    """So many different submissions: right, wrong, and one that ends its worker."""
    kinds = (RIGHT, WRONG, RIGHT, _CRASH, WRONG)
    return {f"s{n}/ex01_add.py": f"{kinds[n % 5]}# {n}\n" for n in range(count)}


def book(grade: Grade, store: str) -> object:
    """The grade book, as it is exported."""
    done = grade("book", "export", "json", "--store", store)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_ctrl_c_keeps_what_is_judged(grade: Grade, handed_in: Path) -> None:
    """What runs is finished and kept, and the next run does the rest."""
    hand_in(handed_in, a_class(30))
    with running(grade, *_BATCH) as command:
        command.until("[1/30]")
        started = descendants(command.process.pid)
        command.process.send_signal(signal.SIGINT)
        assert command.end() == 130
    assert "submissions are left; the same command goes on" in command.printed
    assert "Traceback" not in command.printed
    wait_until_gone(started)
    assert grade(*_BATCH).code == 0
    assert len(scores(grade)) == 30


def test_a_second_ctrl_c_stops_what_runs(grade: Grade, handed_in: Path) -> None:
    """The first waits for it; what was not finished is graded by the next run."""
    hand_in(handed_in, {"s0/ex01_add.py": RIGHT, "s1/ex01_add.py": _HANG})
    with running(grade, *_BATCH) as command:
        command.until("[1/2]")
        command.process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            command.process.wait(1)
        started = descendants(command.process.pid)
        command.process.send_signal(signal.SIGINT)
        assert command.end() == 130
    assert "Traceback" not in command.printed
    wait_until_gone(started)
    assert scores(grade) == {("s0", "ex01_add"): 6.0}
    (handed_in / "s1" / "ex01_add.py").write_text(WRONG)
    assert grade(*_BATCH).code == 0
    assert len(scores(grade)) == 2


def test_a_killed_run_loses_nothing(grade: Grade, handed_in: Path) -> None:
    """Killed again and again, at random moments and in random processes, it comes to its end.

    Its judge, its zygote or the command itself. That a worker is killed is no fault but a fact
    about the submission.
    """
    chance = random.Random(7)  # noqa: S311  the same every time
    hand_in(handed_in, a_class(60))
    known, kills = 0, 0
    while kills < KILLS:
        with running(grade, *_BATCH) as command:
            goes_on = True
            while goes_on:
                time.sleep(3 * chance.random())
                everyone = [command.process.pid, *descendants(command.process.pid)[:2]]
                victim = chance.choice(everyone)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    kills += 1
                goes_on = victim != command.process.pid and command.process.poll() is None
        assert len(scores(grade)) >= known
        known = len(scores(grade))
    assert grade(*_BATCH).code == 0
    assert grade(*_BATCH, "--store", "undisturbed.db").code == 0
    assert book(grade, "class.db") == book(grade, "undisturbed.db")


@pytest.mark.skipif(fence.lacking() is not None, reason=str(fence.lacking()))
def test_a_full_disk_loses_nothing(grade: Grade, handed_in: Path) -> None:
    """The run ends with one sentence; with more room the same command goes on."""
    hand_in(handed_in, a_class(30))
    for name in ("small", "kept"):
        (grade.folder / name).mkdir()
    namespace = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "-rm"]
    words = grade.command(*_BATCH, "--store", "small/class.db")
    done = subprocess.run(
        [*namespace, "/bin/sh", "-c", _SMALL_DISK, "sh", *words],
        cwd=grade.folder,
        env=grade.env(),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 3
    assert "database or disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    told = [line for line in done.stdout.splitlines() if line.startswith("[")]
    shutil.copytree(grade.folder / "kept", grade.folder, dirs_exist_ok=True)
    assert 0 < len(told) <= len(scores(grade)) < 30
    assert grade(*_BATCH).code == 0
    assert len(scores(grade)) == 30
