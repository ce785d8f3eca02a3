"""`grade verify`, the real command: a sound exercise holds, a broken one is told what is wrong."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest

from tests.authors import replace_in, sound_course
from tests.cli.conftest import Grade
from tests.cli.running import PATIENCE, descendants, running, wait_until_gone


@pytest.fixture(name="authors")
def _authors(grade: Grade, tmp_path: Path) -> Grade:
    """Give the command in a course that has one exercise, as `grade new` makes it."""
    grade.folder = sound_course(tmp_path / "authors").root
    return grade


def test_a_sound_exercise_holds(authors: Grade) -> None:
    """Everything is proved of it, and every mutant of its reference is killed."""
    pytest.importorskip("libcst", reason="mutants need libcst")
    done = authors("verify", "--mutants", "--jobs", "2")
    assert (done.code, done.err) == (0, "")
    assert "Everything holds." in done.out
    assert "✗" not in done.out
    assert "✓ 4/4" in done.out


def test_what_is_wrong_is_told(authors: Grade) -> None:
    """Each broken promise with its file, seed and reason; the rest of the exercise is looked at."""
    solution = authors.folder / "solutions" / "ex01_double"
    exercise = authors.folder / "exercises" / "ex01_double"
    replace_in(
        solution / "expected.yaml", "test_double_keeps_the_dtype: failed", "test_none: failed"
    )
    replace_in(solution / "right" / "adds_it_to_itself.py", "x + x", "x + x + 1")
    replace_in(exercise / "ex01_double.py", "raise NotImplementedError", "return 2.0 * x")
    replace_in(
        solution / "ex01_double.py", "return 2 * x", "import time; time.sleep(3); return 2 * x"
    )
    done = authors("verify")
    said = done.out.splitlines()
    assert (done.code, done.err) == (1, "")
    stub = "ex01_double stub: exercises/ex01_double/ex01_double.py (seed 1):"
    wrong = "ex01_double wrong: solutions/ex01_double/wrong/makes_floats.py (seed 1):"
    right = "ex01_double right: solutions/ex01_double/right/adds_it_to_itself.py (seed 1):"
    reference = "ex01_double reference: solutions/ex01_double/ex01_double.py (seed 1):"
    for start in (
        f"{stub} it passes test_double_on_several_shapes.",
        f"{wrong} expected.yaml promises something of test_none, but there is no such check.",
        f"{wrong} test_double_keeps_the_dtype should be passed and is failed.",
        f"{right} test_double_on_several_shapes should be passed and is failed.",
        f"{reference} test_double_on_several_shapes should be passed and is timed_out.",
    ):
        assert any(line.startswith(start) for line in said), (start, said)


def test_what_some_seeds_find(authors: Grade) -> None:
    """The seeds are named; a solution that only cannot bear several calls is right."""
    right = authors.folder / "solutions" / "ex01_double" / "right"
    replace_in(right / "adds_it_to_itself.py", "x + x", "x + x + (x.flatten()[:1] > 1)")
    counting = (
        "calls = []\n\n\ndef double(x):\n    calls.append(x)\n    return x + x + len(calls) // 9\n"
    )
    (right / "counts_its_calls.py").write_text(counting, "utf-8")
    done = authors("verify", "--seeds", "9")
    assert (done.code, done.err) == (1, "")
    said = [line for line in done.out.splitlines() if "(seed " in line]
    assert said
    for line in said:
        assert "right/adds_it_to_itself.py" in line
        seeds = re.search(r"\(seed ([\d, ]+)\)", line)
        assert seeds
        assert 0 < len(seeds[1].split(", ")) < 9, line


def test_a_check_that_catches_nothing(authors: Grade) -> None:
    """A check that no wrong solution fails is named, and too few that only hidden ones catch."""
    solution = authors.folder / "solutions" / "ex01_double"
    (solution / "wrong" / "makes_floats.py").unlink()
    promises = (solution / "expected.yaml").read_text("utf-8")
    start, end = promises.index("  makes_floats:"), promises.index("  squares:")
    (solution / "expected.yaml").write_text(promises[:start] + promises[end:], "utf-8")
    done = authors("verify", "double")
    assert done.code == 1
    assert "no wrong solution fails test_double_keeps_the_dtype." in done.out
    assert "1 wrong solutions pass all public checks; at least 2 should." in done.out


def test_a_broken_exercise_yaml(authors: Grade) -> None:
    """It is told with the line, and nothing of that exercise is graded."""
    path = authors.folder / "exercises" / "ex01_double" / "exercise.yaml"
    replace_in(path, "minutes: 10", "minuts: 10")
    done = authors("verify")
    assert done.code == 1
    assert "exercise.yaml:5: unknown key 'minuts'; did you mean 'minutes'?" in done.out
    assert "–: not tried" in done.out


def test_a_check_file_that_cannot_be_loaded(authors: Grade) -> None:
    """It is a finding like any other, not the end of the command."""
    path = authors.folder / "solutions" / "ex01_double" / "test_hidden.py"
    replace_in(path, "import torch", "import torch_")
    done = authors("verify")
    assert (done.code, done.err) == (1, "")
    assert done.out.count("A check file cannot be loaded") == 1


def test_a_rule_and_a_hint_that_mean_nothing(authors: Grade) -> None:
    """A misspelt name in a rule or a hint would never be noticed otherwise."""
    exercise = authors.folder / "exercises" / "ex01_double"
    with (exercise / "exercise.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "rules:\n  - sentence: {en: No mul., zh: 不用 mul。}\n    kind: forbid\n"
            "    calls: [torch.mull]\n    penalty: 1\n"
        )
    replace_in(exercise / "hints.yaml", "for: double", "for: doubel")
    done = authors("verify")
    assert done.code == 1
    assert "no wrong solution breaks the rule: No mul." in done.out
    assert "hints.yaml: the stub has no doubel." in done.out
    assert "hints.yaml: no hint helps with double." in done.out


def test_a_students_course_cannot_be_verified(grade: Grade) -> None:
    """Without solutions/ there is nothing to prove."""
    for path in (grade.folder / "solutions").rglob("*"):
        if path.is_file():
            path.unlink()
    (grade.folder / "solutions").rename(grade.folder / "hidden")
    done = grade("verify")
    assert done.code == 2
    assert done.err.startswith("This course has no solutions folder")


def test_ctrl_c_ends_it_in_order(authors: Grade) -> None:
    """Without a traceback, with the exit code of an interrupted command and nothing left."""
    with running(authors, "verify", "--seeds", "500") as command:
        deadline = time.monotonic() + PATIENCE
        while not (started := descendants(command.process.pid)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        command.process.send_signal(signal.SIGINT)
        assert command.end() == 130
    assert "Traceback" not in command.printed
    wait_until_gone(started)


def test_a_shard_is_graded_and_all_is_looked_at(authors: Grade) -> None:
    """What is wrong with a right solution of another shard is not seen, with a README it is."""
    assert authors("new", "ex02_half").code == 0
    for name in ("ex01_double", "ex02_half"):
        (authors.folder / "exercises" / name / "README.zh.md").write_text("# x\n", "utf-8")
        right = authors.folder / "solutions" / name / "right" / "adds_it_to_itself.py"
        replace_in(right, "x + x", "x + x + 1")
    done = authors("verify", "--shard", "2/2")
    assert done.code == 1
    assert "Not in this shard: ex01_double" in done.out
    for start in ("ex01_double READMEs", "ex02_half READMEs", "ex02_half right"):
        assert start in done.out
    assert "ex01_double right" not in done.out
    assert authors("verify", "--shard", "3/2").err.startswith("'3/2' is no shard.")


def test_a_draft_is_graded_when_it_is_named(authors: Grade) -> None:
    """The whole course holds although its right solution is wrong yet."""
    exercise = authors.folder / "exercises" / "ex01_double"
    solution = authors.folder / "solutions" / "ex01_double"
    with (exercise / "exercise.yaml").open("a", encoding="utf-8") as file:
        file.write("state: draft\n")
    replace_in(solution / "right" / "adds_it_to_itself.py", "x + x", "x + x + 1")
    done = authors("verify")
    assert done.code == 0, done.out
    assert "Drafts are graded when they are named: ex01_double" in done.out
    assert authors("verify", "1").code == 1
