"""Tests of how a command ends that cannot go on."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.cli.errors import run_guarded
from grader.errors import GraderFault, UserError
from grader.text import Text
from tests.cli.conftest import Grade

_STEP = Text("Do this.", "请这样做。")


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADE_STATE_DIR", str(tmp_path / "logs"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def _raising(error: BaseException) -> Callable[[list[str]], int]:
    def work(_arguments: list[str]) -> int:
        raise error

    return work


def test_the_exit_code_of_the_command_is_kept() -> None:
    """Nothing wrong, nothing said."""
    assert run_guarded(lambda _arguments: 1, []) == 1


def test_a_users_error_is_a_sentence_and_a_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    """Two lines on stderr in the chosen language, no log file."""
    error = UserError(Text("It is wrong.", "这里不对。"), next_step=_STEP)
    assert run_guarded(_raising(error), []) == 2
    assert capsys.readouterr().err == "It is wrong.\nDo this.\n"
    assert run_guarded(_raising(error), ["--lang", "zh"]) == 2
    assert run_guarded(_raising(error), ["--lang=zh"]) == 2
    assert capsys.readouterr().err == "这里不对。\n请这样做。\n" * 2


def test_our_own_bug_is_an_apology_and_a_log(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The log holds versions, the command and the traceback; the screen only its path."""
    assert run_guarded(_raising(ZeroDivisionError("oops")), ["ex01", "--seed", "3"]) == 3
    (log,) = (tmp_path / "logs").iterdir()
    told = capsys.readouterr().err
    assert str(log) in told
    assert "Traceback" not in told
    text = log.read_text(encoding="utf-8")
    for part in ("grade 0.", "Python 3.", "torch ", "'--seed' '3'", "ZeroDivisionError: oops"):
        assert part in text


def test_a_grader_fault_keeps_its_sentence_and_has_a_log(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What the grader knows of its own failure is said, and the cause is logged."""
    fault = GraderFault(Text("The judge died.", "评判进程意外退出。"))
    assert run_guarded(_raising(fault), []) == 3
    assert capsys.readouterr().err.startswith("The judge died.\n")
    assert len(list((tmp_path / "logs").iterdir())) == 1


def test_a_log_that_cannot_be_written_goes_to_the_screen(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Where no file is possible the traceback is not lost."""
    (tmp_path / "logs").touch()
    assert run_guarded(_raising(ZeroDivisionError("oops")), []) == 3
    assert "ZeroDivisionError: oops" in capsys.readouterr().err


def test_an_end_of_file_of_ours_is_not_taken_for_the_user(tmp_path: Path) -> None:
    """An EOFError or a broken pipe inside the grader is a bug, not "stopped" and not silence."""
    assert run_guarded(_raising(EOFError()), []) == 3
    assert run_guarded(_raising(BrokenPipeError(errno.EPIPE, "broken")), []) == 3
    assert (tmp_path / "logs").exists()


def test_ctrl_c_says_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 130 and one word."""
    assert run_guarded(_raising(KeyboardInterrupt()), []) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_no_permission_is_told_with_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that may not be opened is named."""
    error = PermissionError(errno.EACCES, "Permission denied", "secret.py")
    assert run_guarded(_raising(error), []) == 2
    assert "secret.py" in capsys.readouterr().err


def test_a_full_disk_is_told(grade: Grade) -> None:
    """Output that cannot be written is a clear sentence, with no second error at the end."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            grade.command("list"),
            cwd=grade.folder,
            env=grade.env(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.decode() == "The disk is full.\nFree some space and try again.\n"


def test_a_reader_that_goes_away_is_no_error(grade: Grade) -> None:
    """`grade list | head -0` is silent."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        grade.command("list"),
        cwd=grade.folder,
        env=grade.env(),
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_closed_streams_are_no_error(grade: Grade) -> None:
    """A command started without stdout and stderr still ends with its exit code."""
    for words, code in ((("list",), 0), (("ex99",), 2)):
        command = ["sh", "-c", '"$@" >&- 2>&-', "sh", *grade.command(*words)]
        done = subprocess.run(command, cwd=grade.folder, env=grade.env(), check=False)
        assert done.returncode == code


def test_a_signal_ends_in_an_orderly_way() -> None:
    """SIGTERM unwinds, so that every process of an attempt is stopped."""
    program = (
        "import time\n"
        "from grader.cli.errors import end_on_signals\n"
        "end_on_signals()\n"
        "try:\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "finally:\n"
        "    print('unwound', flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == b"unwound\n"
        assert process.wait(timeout=30) == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("arguments", "en", "zh"),
    [
        (("1", "--devce", "cpu"), "There is no option --devce.", "没有选项 --devce。"),
        (("1", "--device", "tpu"), "--device must be one of auto", "--device 只能是 auto"),
        (("1", "--seed"), "Option '--seed' requires an argument.", "选项 --seed 的用法不对。"),
        (("1", "--seed", "x"), "Invalid value for '--seed'", "--seed 的值不对。"),
        (("1", "--seed", "-1"), "The seed -1 is out of range.", "种子 -1 超出范围。"),
        (("1", "a", "b"), "Got unexpected extra argument (b).", "命令写得不对"),
        (("lits",), "There is no exercise 'lits'.", "没有叫 'lits' 的练习。"),
    ],
)
def test_wrong_usage_is_told_like_any_other_mistake(
    grade: Grade, arguments: tuple[str, ...], en: str, zh: str
) -> None:
    """One sentence, one next step, exit code 2, in both languages."""
    for lang, sentence in (("en", en), ("zh", zh)):
        done = grade("--lang", lang, *arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(sentence)
        assert len(done.err.splitlines()) == 2


def test_a_mistyped_command_is_suggested(grade: Grade) -> None:
    """A word that is no exercise but nearly a command leads to the command."""
    assert grade("lits").err.splitlines()[1] == "Did you mean `grade list`?"
