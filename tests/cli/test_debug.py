"""Tests of `grade EXERCISE --debug CHECK`: pdb, with what is typed piped in."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Grade
from tests.cli.running import running

_RIGHT = "def add(a, b):\n    return a + b\n"
_WRONG = """\
def doubled(t):
    twice = t * 2
    return twice


def add(a, b):
    local = doubled(a)
    return local - b
"""
_RAISES = """\
from torch.nn import functional


def deep(a, bad):
    return functional.conv2d(a, a, bad=bad)


def add(a, b):
    mine = "my variable"
    return deep(a, len(mine))
"""


@pytest.fixture(name="own_file")
def _own_file(course_root: Path) -> Path:
    return course_root / "exercises" / "ex01_add" / "ex01_add.py"


def _debug(grade: Grade, *words: str, typed: str = "") -> Done:
    done = subprocess.run(
        grade.command("1", *words),
        cwd=grade.folder,
        env=grade.env(),
        input=typed.encode(),
        capture_output=True,
        check=False,
        timeout=240,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_wrong_answer_stops_where_the_function_returned(
    grade: Grade, own_file: Path, course_root: Path
) -> None:
    """With the function's own variables, and what grading with the same seed says."""
    own_file.write_text(_WRONG)
    done = _debug(grade, "--debug", "same", "--seed", "5", typed="p local.shape, 'twice'\nw\nq\n")
    assert (done.code, done.err) == (1, "")
    first, *_ = done.out.splitlines()
    assert first.startswith("Your code runs in this process, without a sandbox")
    assert first.endswith("Seed: 5")
    assert f"> {own_file}(8)add()" in done.out
    assert "(torch.Size([3, 5]), 'twice')" in done.out
    assert not (course_root / ".grade").exists()
    graded = json.loads(grade("1", "--seed", "5", "--format", "json").out)
    (cause,) = [check["causes"][0] for check in graded["checks"] if "same" in check["name"]]
    assert f"  - {cause['sentence']['en']}\n" in done.out


def test_an_exception_stops_in_the_innermost_function_of_the_student(
    grade: Grade, own_file: Path
) -> None:
    """Not in torch, which raised it; the caller's variables are one step up."""
    own_file.write_text(_RAISES)
    done = _debug(grade, "--debug", "test_broadcast", typed="p bad\nu\np mine\n")
    assert (done.code, done.err) == (1, "")
    assert "Stopped in deep, where the error occurred." in done.out
    assert f"> {own_file}(5)deep()" in done.out
    assert "(Pdb) 11\n" in done.out
    assert "'my variable'" in done.out


def test_a_check_that_passes_says_so(grade: Grade, own_file: Path, course_root: Path) -> None:
    """Exit 0; and neither the hidden checks nor the reference are touched for it."""
    own_file.write_text(_RIGHT)
    shutil.rmtree(course_root / "solutions")
    done = _debug(grade, "--debug", "broad", "--lang", "zh")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "test_broadcast 已通过，没有需要调试的。"


@pytest.mark.parametrize(
    ("check", "told", "step"),
    [
        ("test_inputs_stay", "has no public check test_inputs_stay; hidden", "Write one of: "),
        ("test_brodcast", "has no public check test_brodcast", "Did you mean test_broadcast?"),
        ("test", "test is part of the names of 2 checks.", "Write one of: test_same_shape, "),
    ],
)
def test_a_name_that_means_no_check_is_told(grade: Grade, check: str, told: str, step: str) -> None:
    """One sentence and the next step."""
    done = _debug(grade, "--debug", check)
    assert done.code == 2
    what, now = done.err.splitlines()
    assert told in what
    assert now.startswith(step)


def test_debugging_makes_no_report(grade: Grade) -> None:
    """Options that would have no effect are refused."""
    done = _debug(grade, "--debug", "same", "--format", "json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("--debug runs one check and makes no report.")


_PROBES = '''
from grader.checks import assert_equal, check, module_output, probe, train_then_predict
import torch


@probe
def twice(student, x):
    """Call the function twice."""
    return student.add(student.add(x, x), x)


@check(points=1, zh="探针。")
def test_probes(submission, rng):
    """Probes of every kind run."""
    x = rng.randn(2, 3)
    assert_equal(tuple(submission.run(twice, x).shape), (2, 3))
    submission.run(module_output, "Layer", [3], [x])
    talk = submission.start(train_then_predict, "train", [3])
    assert_equal(tuple(talk.send([x]).shape), (2, 3))
    assert_equal(submission.on("meta").add(x, x).device.type, "meta")
    assert_equal(submission.last(x), 1)
'''
_LAYERS = """\
import torch


class Layer(torch.nn.Linear):
    def __init__(self, n):
        super().__init__(n, n)


def train(n):
    return Layer(n)


def add(a, b):
    return a + b


def last(x):
    changed = x.mul_(0)
    breakpoint()
    return 2
"""


def test_probes_and_breakpoints_of_ones_own_run_here(grade: Grade, own_file: Path) -> None:
    """A check gets the same answers as from a worker, and `q` at one's own breakpoint ends."""
    own_file.with_name("test_public.py").write_text(_PROBES)
    own_file.write_text(_LAYERS)
    done = _debug(grade, "--debug", "probes", typed="p changed.sum()\nc\np changed.shape\nq\n")
    assert (done.code, done.err) == (1, "")
    assert "tensor(0.)" in done.out
    assert "Stopped at the end of last, as it returned." in done.out
    assert "torch.Size([2, 3])" in done.out
    done = _debug(grade, "--debug", "probes", typed="q\n")
    assert (done.code, done.err) == (1, "")
    assert "Stopped" not in done.out


def test_another_debugger_is_called_in_the_place_of_the_student(
    grade: Grade, own_file: Path, tmp_path: Path
) -> None:
    """$PYTHONBREAKPOINT names it, as everywhere in Python; it sees file, line and variables."""
    (tmp_path / "another.py").write_text(
        "import sys\n"
        "def stop():\n"
        "    frame = sys._getframe(1)\n"
        "    print('another:', frame.f_code.co_filename, frame.f_lineno, frame.f_locals['local'])\n"
    )
    own_file.write_text(
        _WRONG.replace("local = doubled(a)", "local = 'here'").replace("local -", "a -")
    )
    grade.environment.update(PYTHONPATH=str(tmp_path), PYTHONBREAKPOINT="another.stop")
    done = _debug(grade, "--debug", "same")
    assert (done.code, done.err) == (1, "")
    assert f"another: {own_file} 8 here" in done.out
    assert "(Pdb)" not in done.out


def test_a_syntax_error_leaves_nowhere_to_stop(grade: Grade, own_file: Path) -> None:
    """Nothing was called; the line is told all the same."""
    own_file.write_text("def add(a, b):\n    return a +\n")
    done = _debug(grade, "--debug", "same")
    assert (done.code, done.err) == (1, "")
    assert "line 2" in done.out
    assert "There is nowhere to stop" in done.out


def test_a_notebook_is_debugged_as_the_text_made_from_it(grade: Grade, tmp_path: Path) -> None:
    """The file that pdb shows is there as long as pdb is."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    cells = [{**cell, "source": _WRONG}]
    path = tmp_path / "mine.ipynb"
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    )
    done = _debug(grade, str(path), "--debug", "same", typed="l\nq\n")
    assert (done.code, done.err) == (1, "")
    assert "->\t    return local - b" in done.out


_ENDLESS = """\
def add(a, b):
    rounds = 7
    while True:
        print("going", "round", flush=True)
"""


def test_ctrl_c_stops_an_endless_loop_where_it_is(grade: Grade, own_file: Path) -> None:
    """On a terminal, with the variables of that moment; `q` leaves."""
    own_file.write_text(_ENDLESS)
    with running(grade, "1", "--debug", "same", on_terminal=True) as command:
        command.until("going round")
        command.type("\x03")
        command.until("(Pdb) ")
        command.type("p rounds * 6\n")
        command.until("\n42\n")
        command.type("q\n")
        assert command.end() == 1
    assert "Stopped in add, where the error occurred." in command.printed
    assert "Traceback" not in command.printed
