"""Tests of `grade watch`: a real command, real saves, and what it says of each."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
import termios
import time
from pathlib import Path

import pytest

from grader.cli.watch import Standing, summary
from grader.judge.results import CheckResult, Conditions, SubmissionResult
from grader.judge.verdicts import Verdict
from grader.text import Text
from tests.cli.conftest import Grade
from tests.cli.running import PATIENCE, Running, descendants, running, wait_until_gone

_RIGHT = "def add(a, b):\n    return a + b\n"
_WRONG = "def add(a, b):\n    return a - b\n"
_WAITING = "Waiting for the next save"
_RATHER_LONG = "limits: {request_seconds: 900, check_seconds: 900, submission_seconds: 900}"


@pytest.fixture(name="own_file")
def _own_file(course_root: Path) -> Path:
    return course_root / "exercises" / "ex01_add" / "ex01_add.py"


def _next_line(command: Running, reports: int) -> str:
    """Wait for so many reports; return the last line with a score."""
    printed = command.until(_WAITING, reports)
    lines: list[str] = re.findall(r"^\d\d:\d\d:\d\d  (.*)$", printed, re.MULTILINE)
    return lines[-1]


def _replace(file: Path, text: str) -> None:
    """Save as many editors do: a new file takes the place of the old one."""
    new = file.with_name(".new")
    new.write_text(text)
    new.replace(file)


def test_every_way_to_save_is_graded(grade: Grade, course_root: Path, own_file: Path) -> None:
    """Each report has a line with the score and what has changed; Ctrl-C is exit 0."""
    scratch = course_root.parent / "scratch"
    scratch.mkdir()
    grade.environment["TMPDIR"] = str(scratch)
    with running(grade, "watch", "1", "--seed", "5") as command:
        assert _next_line(command, 1) == "0/6 points."
        own_file.write_text(_RIGHT)
        line = _next_line(command, 2)
        assert line.startswith("6/6 points (+6). Newly passed: test_same_shape, test_broadcast, ")
        _replace(own_file, _WRONG)
        line = _next_line(command, 3)
        failed = "test_same_shape, test_broadcast, test_gradients_arrive"
        assert line == f"2/6 points (-4). Newly failed: {failed}."
        own_file.unlink()
        own_file.write_text(_RIGHT)
        assert _next_line(command, 4).startswith("6/6 points (+4).")
        own_file.write_text(_RIGHT)
        assert _next_line(command, 5) == "6/6 points (unchanged)."
        own_file.write_text("def add(a, b)\n")
        assert _next_line(command, 6) == "0/6 points (-6)."
        with own_file.open("w") as file:  # one half after the other
            file.write("def add(a, b):\n    retu")
            file.flush()
            command.until("Total:", 7)
            file.write("rn a + b\n")
        assert _next_line(command, 8).startswith("6/6 points (+6).")
        started = descendants(command.process.pid)
        command.process.send_signal(signal.SIGINT)
        assert command.end() == 0
    assert command.printed.endswith("Stopped watching.\n")
    assert "Traceback" not in command.printed
    assert started
    wait_until_gone(started)
    assert list(scratch.iterdir()) == []
    progress = json.loads((course_root / ".grade" / "progress.json").read_text())
    assert progress["exercises"]["ex01_add"]["best"] == {"earned": 6.0, "max_points": 6.0}


def test_checks_are_read_anew(grade: Grade, course_root: Path, own_file: Path) -> None:
    """Public checks, hidden checks and exercise.yaml hold as they are at that moment."""
    own_file.write_text(_RIGHT)
    public = own_file.with_name("test_public.py")
    hidden = course_root / "solutions" / "ex01_add" / "test_hidden.py"
    with running(grade, "watch", "1") as command:
        assert _next_line(command, 1) == "6/6 points."
        public.write_text(public.read_text().replace("points=2", "points=4"))
        assert _next_line(command, 2) == "8/8 points (+2)."
        hidden.write_text(hidden.read_text().replace("assert_tensor(after[0], a)", "assert False"))
        line = _next_line(command, 3)
        assert line == "6/8 points (-2). Newly failed: test_inputs_stay."
        good = public.read_text()
        public.write_text("def test_same_shape(:\n")
        command.until("A check file cannot be loaded")
        command.until(_WAITING, 4)
        public.write_text(good)
        assert _next_line(command, 5) == "6/8 points (unchanged)."
        own_file.with_name("exercise.yaml").write_text("titel: x\n")
        command.until("exercise.yaml:1")


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_save_stops_the_grading_under_way(grade: Grade, own_file: Path) -> None:
    """Nobody waits for the end of an endless loop that was mended long ago."""
    yaml = own_file.with_name("exercise.yaml")
    yaml.write_text(re.sub(r"limits: .*", _RATHER_LONG, yaml.read_text()))
    own_file.write_text("while True:\n    pass\n")
    with running(grade, "watch", "1") as command:
        _wait_until_busy(command.process.pid)
        own_file.write_text(_RIGHT)
        assert _next_line(command, 1) == "6/6 points."
        started = descendants(command.process.pid)
        command.process.send_signal(signal.SIGTERM)
        assert command.end() == 143
    wait_until_gone(started)


def _wait_until_busy(pid: int) -> None:
    """Wait until a sandbox is there: nursery, zygote, judge, keeper."""
    deadline = time.monotonic() + PATIENCE
    while len(descendants(pid)) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a nursery")
def test_a_killed_process_costs_nothing_but_time(grade: Grade, own_file: Path) -> None:
    """What was started ahead and has died is started anew at the next save."""
    with running(grade, "watch", "1") as command:
        for reports, text in enumerate((_RIGHT, _WRONG, _RIGHT), start=1):
            _next_line(command, reports)
            nursery, *_ = started = descendants(command.process.pid)
            os.kill(nursery if reports != 2 else started[-1], signal.SIGKILL)
            own_file.write_text(text)
        assert _next_line(command, 4).startswith("6/6 points (+4).")


def test_a_folder_is_watched_with_all_its_files(grade: Grade, tmp_path: Path) -> None:
    """A helper that is saved, or comes new, is a reason to grade; a hidden file is none."""
    folder = tmp_path / "handed_in"
    folder.mkdir()
    (folder / "ex01_add.py").write_text("from helper import add\n")
    with running(grade, "watch", "1", str(folder), "--public-only") as command:
        assert "helper" in command.until(_WAITING)
        (folder / ".notes").write_text("not a part of it")
        (folder / "helper.py").write_text(_RIGHT)
        assert _next_line(command, 2) == "3/3 points (+3)."
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "helper.py").write_text(_WRONG)
        (folder / "ex01_add.py").write_text("from helper import add\n")
        command.until("0/3 points", 2)


def test_on_a_terminal_a_report_takes_the_place_of_the_last(grade: Grade, own_file: Path) -> None:
    """The screen is cleared before each report but the first, and Ctrl-C leaves it in order."""
    with running(grade, "watch", "1", on_terminal=True) as command:
        terminal = command._typing
        before = termios.tcgetattr(terminal)
        first = command.until(_WAITING)
        assert "\x1b[2J" not in first
        own_file.write_text(_RIGHT)
        second = command.until(_WAITING, 2)[len(first) :]
        assert second.count("\x1b[2J") == 1
        assert "(+6)" in second[second.index("\x1b[2J") :]
        command.type("\x03")
        assert command.end() == 0
        assert termios.tcgetattr(terminal) == before
    assert command.printed.endswith("Stopped watching.\n")
    assert command.printed.rfind("\x1b[?25h") > command.printed.rfind("\x1b[?25l")


def test_what_cannot_be_watched_is_refused(grade: Grade) -> None:
    """No such exercise and no such file end the command before anything is started."""
    assert grade("watch", "99").code == 2
    done = grade("watch", "1", "nowhere.py")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("There is no file nowhere.py.")


def _result(**verdicts: Verdict) -> SubmissionResult:
    sentence = Text("It is right.", "结果正确。")
    return SubmissionResult(
        exercise="ex01_add",
        title=Text("Add", "加"),
        submission="ex01_add.py",
        checks=tuple(
            CheckResult(name, sentence, 1, verdict, hidden=False, seconds=0.1)
            for name, verdict in verdicts.items()
        ),
        rules=(),
        problem=None,
        public_only=True,
        started_at="2026-01-01T00:00:00+00:00",
        seconds=0.0,
        conditions=Conditions(1, "cpu", "full", (), "3.11", "2.6", "0.1"),
    )


def test_the_line_says_what_has_changed() -> None:
    """In both languages; a check is not changed that is new, or that we ourselves had failed."""
    before = _result(a=Verdict.FAILED, b=Verdict.PASSED, c=Verdict.PASSED, d=Verdict.GRADER_ERROR)
    after = _result(
        a=Verdict.PASSED, b=Verdict.CRASHED, c=Verdict.PASSED, d=Verdict.PASSED, e=Verdict.FAILED
    )
    text = summary("12:00:00", after, Standing.of(after), Standing.of(before))
    assert text.en == "12:00:00  3/5 points (+1). Newly passed: a. Newly failed: b."
    assert text.zh == "12:00:00  3/5 分（+1）。新通过：a。新出错：b。"
