"""A whole attempt with its processes: nothing around it has a say, and nothing is left of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.course import Exercise, load_exercise
from grader.course.course import find_course
from grader.errors import GraderFault, UserError
from grader.judge.attempt import Attempt, Options, examine
from grader.judge.results import SubmissionResult
from grader.judge.verdicts import Verdict
from grader.submission import read_submission

FAKE_COURSE = Path(__file__).parents[1] / "fake_course"
RIGHT = "def add(a, b):\n    return a + b\n"


@pytest.fixture(name="course")
def _course(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("conftest.py", "__pycache__")
    return Path(shutil.copytree(FAKE_COURSE, tmp_path / "course", ignore=ignored))


def exercise_of(course: Path) -> Exercise:
    """The first exercise of a course."""
    return load_exercise(find_course(course).resolve("ex01_add"))


def grade(
    course: Path,
    text: str,
    options: Options | None = None,
    on_check: Callable[[str], None] = lambda _: None,
    *,
    name: str = "handed_in.py",
) -> SubmissionResult:
    """Grade a text as the first exercise of a course."""
    file = course / name
    file.write_text(text)
    exercise = exercise_of(course)
    with Attempt() as attempt:
        return attempt.grade(
            exercise,
            read_submission(file, exercise.entry),
            options or Options(),
            on_check=on_check,
            on_plan=lambda _: None,
        )


def test_a_right_submission_earns_everything(course: Path) -> None:
    """Public and hidden checks and the rules are judged; the conditions are told."""
    result = grade(course, RIGHT, Options(seed=5))
    assert (result.earned, result.max_points, result.all_passed) == (6, 6, True)
    assert [check.hidden for check in result.checks] == [False, False, True, True]
    assert (result.conditions.seed, result.conditions.device) == (5, "cpu")


def test_the_same_seed_gives_the_same_result(course: Path) -> None:
    """What a check finds is repeated to the last digit."""
    wrong = "def add(a, b):\n    return a - b\n"
    first, second = (grade(course, wrong, Options(seed=7)) for _ in range(2))
    assert [check.causes for check in first.checks] == [check.causes for check in second.checks]
    assert any(check.causes for check in first.checks)


def test_an_attempt_goes_on_where_another_was_interrupted(course: Path) -> None:
    """Known checks are taken as they are; the others come out as if all had been run."""
    heard: list[str] = []
    options = Options(seed=3)
    whole = grade(course, RIGHT, options, heard.append)
    marked = [text.replace('"output": ""', '"output": "known"') for text in heard[:2]]
    assert marked != heard[:2]
    rest = grade(course, RIGHT, replace(options, known=tuple(marked)))
    assert [check.output for check in rest.checks[:2]] == ["known", "known"]
    assert [replace(check, seconds=None) for check in rest.checks[2:]] == [
        replace(check, seconds=None) for check in whole.checks[2:]
    ]


def test_a_problem_is_told_once_for_the_whole_submission(course: Path) -> None:
    """A syntax error fails every check without running one."""
    result = grade(course, "def add(a, b:\n")
    assert result.problem is not None
    assert result.problem.kind == "syntax_error"
    assert {check.verdict for check in result.checks} == {Verdict.NOT_RUN}
    assert (result.earned, result.max_points) == (0, 6)


def test_places_in_a_notebook_are_told_by_cell(course: Path) -> None:
    """The cause and its frames count the lines of a cell, as its author sees them."""
    cells = [
        "import torch",
        "def inner(a):\n    return a.nothing",
        "def add(a, b):\n    return inner(a)",
    ]
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "source": cell,
                "metadata": {},
                "outputs": [],
                "execution_count": 1,
            }
            for cell in cells
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    result = grade(course, json.dumps(notebook), name="handed_in.ipynb")
    (cause,) = result.checks[0].causes
    assert (cause.kind, cause.data["cell"], cause.data["line"]) == ("raised", 2, 2)
    assert [(frame.cell, frame.line, frame.text) for frame in cause.frames] == [
        (3, 2, "return inner(a)"),
        (2, 2, "return a.nothing"),
    ]
    hidden = [cause for check in result.checks if check.hidden for cause in check.causes]
    assert hidden
    assert not any(cause.frames for cause in hidden)


def test_a_broken_rule_takes_its_penalty(course: Path) -> None:
    """The rule is judged on the text, with the line."""
    result = grade(course, "import torch\ndef add(a, b):\n    return torch.add(a, b)\n")
    (rule,) = result.rules
    assert (rule.lost, rule.broken[0].data["line"]) == (1, 3)
    assert result.earned == 5


def test_our_own_fault_costs_no_points(course: Path) -> None:
    """A check with a mistake of its own does not count."""
    checks = course / "exercises/ex01_add/test_public.py"
    checks.write_text(checks.read_text().replace("a, b = rng.randn(4, 1)", "a, b = rng.typo(4, 1)"))
    result = grade(course, RIGHT)
    verdicts = [check.verdict for check in result.checks]
    assert verdicts == ["passed", "grader_error", "passed", "passed"]
    assert (result.earned, result.max_points) == (5, 5)


@pytest.mark.parametrize(
    "text",
    ["def test_it(:\n", "def test_it(submission):\n    pass\n"],
    ids=["syntax error", "no decorator"],
)
def test_a_check_file_that_cannot_be_loaded_is_a_fault(course: Path, text: str) -> None:
    """No result is better than a wrong one."""
    (course / "exercises/ex01_add/test_public.py").write_text(text)
    with pytest.raises(GraderFault, match="check file cannot be loaded") as caught:
        grade(course, RIGHT)
    assert caught.value.next_step is not None


def test_a_hidden_check_file_that_cannot_be_loaded_is_not_shown(course: Path) -> None:
    """The sentence has its name; what pytest says of it, with its lines, is for the log."""
    checks = course / "solutions/ex01_add/test_hidden.py"
    checks.write_text(checks.read_text() + "\nsecret = 1 / 0\n")
    with pytest.raises(GraderFault) as caught:
        grade(course, RIGHT)
    told = caught.value.message
    assert told.en == "A check file cannot be loaded: test_hidden.py"
    assert told.zh == "检查文件无法加载：test_hidden.py"
    assert "secret = 1 / 0" in str(caught.value.__cause__)


def test_a_fault_is_tried_again_with_new_processes(course: Path, tmp_path: Path) -> None:
    """A check that fails by our fault in the first judge may pass in the next."""
    mark = tmp_path / "judges"
    checks = course / "exercises/ex01_add/test_public.py"
    count = (
        "    import os\n"
        f"    with open({str(mark)!r}, 'a+') as file:\n"
        "        file.write(f'{os.getpid()}\\n')\n"
        "        file.seek(0)\n"
        "        if len(set(file)) < 3:\n"
        "            raise KeyError\n"
    )
    first = "    a, b = rng.randn(4, 1)"
    checks.write_text(checks.read_text().replace(first, count + first))
    plans: list[int] = []
    exercise = exercise_of(course)
    file = course / "handed_in.py"
    file.write_text(RIGHT)
    with Attempt() as attempt:
        result = attempt.grade(
            exercise,
            read_submission(file, exercise.entry),
            Options(seed=3),
            on_check=lambda _: None,
            on_plan=plans.append,
        )
    assert (result.earned, result.all_passed, result.conditions.seed) == (6, True, 3)
    assert plans == [4, 4, 4]


def test_a_device_that_is_not_here_is_refused(course: Path) -> None:
    """The sentence names the devices that there are."""
    with pytest.raises(UserError, match=r"no tpu device.*cpu"):
        grade(course, RIGHT, Options(device="tpu"))


def test_examine_tells_what_the_machine_offers() -> None:
    """The tier is witnessed, and torch's devices are listed."""
    found = examine()
    assert found.tier in {"full", "lite", "none"}
    assert "cpu" in found.devices
    assert ("files" in found.witnessed) == (found.tier != "none")


def test_nothing_around_has_a_say(course: Path, tmp_path: Path) -> None:
    """Settings, plugins and modules in the environment, the course and the current folder."""
    traces = tmp_path / "traces"
    traces.mkdir()
    leave_a_trace = (
        "import os, sys\n"
        f"open(os.path.join({str(traces)!r}, str(os.getpid())), 'w').write(repr(sys.orig_argv))\n"
    )
    for place in (course, course / "exercises", course / "exercises/ex01_add"):
        for name in ("sitecustomize", "conftest", "torch", "numpy", "pytest", "random"):
            (place / f"{name}.py").write_text(leave_a_trace + "raise SystemExit(9)\n")
        (place / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
        (place / "setup.cfg").write_text("[tool:pytest]\npython_functions = nothing\n")
    # The command's own interpreter is the user's, so this one shows that the trap works.
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / "sitecustomize.py").write_text(leave_a_trace)
    (course / "exercises/ex01_add/ex01_add.py").write_text(RIGHT)
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "ex01_add", "--format", "json"],
        cwd=course,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "GRADE_STATE_DIR": str(tmp_path / "state"),
            "PYTEST_ADDOPTS": "--collect-only",
            "PYTEST_PLUGINS": "conftest",
            "PYTHONPATH": str(evil) + os.pathsep + str(FAKE_COURSE.parents[1]),
            "PYTHONSTARTUP": str(course / "torch.py"),
            "PYTHONSAFEPATH": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["score"] == 6
    started = [trace.read_text() for trace in traces.iterdir()]
    assert started, "the trap does not work"
    assert not [line for line in started if "grader.judge" in line or "grader.worker" in line]


def test_a_check_that_fails_by_our_fault_is_exit_3(course: Path, tmp_path: Path) -> None:
    """The exit code tells scripts that the score is not to be trusted."""
    checks = course / "exercises/ex01_add/test_public.py"
    checks.write_text(checks.read_text().replace("a, b = rng.randn(4, 1)", "a, b = rng.typo(4, 1)"))
    (course / "exercises/ex01_add/ex01_add.py").write_text(RIGHT)
    words = [sys.executable, "-m", "grader.cli", "ex01_add"]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GRADE_STATE_DIR": str(tmp_path / "state"),
    }

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=course,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    assert run().returncode == 3
    checks.write_text("def test_it(:\n")
    done = run()
    assert (done.returncode, done.stdout) == (3, "")
    assert "check file cannot be loaded" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_judge_that_stays_grades_each_submission_as_if_it_were_the_only_one(
    course: Path,
) -> None:
    """Nothing stays in the module of a check, and a wrong answer harms no later submission."""
    checks = course / "exercises" / "ex01_add" / "test_public.py"
    checks.write_text(
        "from grader.checks import assert_equal, check\n"
        "CALLS = []\n"
        '@check(points=2, zh="第一次调用。")\n'
        "def test_it_is_the_first_call(submission):\n"
        '    """Nothing was called before."""\n'
        "    CALLS.append(submission.add(1, 2))\n"
        "    assert_equal(CALLS, [3])\n"
    )
    file = course / "handed_in.py"
    exercise = exercise_of(course)
    scores = []
    with Attempt(is_single=False) as attempt:
        for text in (RIGHT, "import os\nos._exit(3)\n", "def add(a, b): return 4\n", RIGHT):
            file.write_text(text)
            submission = read_submission(file, exercise.entry)
            options = Options(seed=1, public_only=True)
            result = attempt.grade(exercise, submission, options, lambda _: None, lambda _: None)
            scores.append(result.earned)
    assert scores == [2, 0, 0, 2]


def test_checks_that_are_left_out_harm_no_later_submission(course: Path) -> None:
    """Whether nothing runs after the first that fails, or the last is known: nothing stays."""
    file = course / "handed_in.py"
    exercise = exercise_of(course)
    heard: list[str] = []
    with Attempt(is_single=False) as attempt:

        def passed(text: str, options: Options) -> bool:
            file.write_text(text)
            submission = read_submission(file, exercise.entry)
            result = attempt.grade(exercise, submission, options, heard.append, lambda _: None)
            return result.all_passed

        spoils_its_input = "def add(a, b):\n    c = a + b\n    a.zero_()\n    return c\n"
        assert not passed(spoils_its_input, Options(seed=1, until_failure=True))
        heard.clear()
        assert passed(RIGHT, Options(seed=1))
        assert passed(RIGHT, Options(seed=1, known=(heard[-1],)))
        assert passed(RIGHT, Options(seed=1))
