"""Which checks a change can reach: too many may be named, never too few."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.verify.reach import reached_checks

_REFERENCE = '''
"""A docstring."""
import math
from torch import Tensor, nn

_FACTOR = 2

def double(x: Tensor) -> Tensor:
    """Double."""
    return _FACTOR * x

def double_step(x):
    return x + 1

def root(x):
    return math.sqrt(x)

class Layer(nn.Module):
    def forward(self, x):
        return double(x)

if __name__ == "__main__":
    print(root(4))
'''
_PUBLIC = '''
from grader.checks import check, probe
KINDS = ["double"]

@probe
def through_layer(student, x):
    return student.Layer()(x)

def demand(submission, x):
    assert submission.double(x) == 2

def test_double(submission):
    """Of one."""
    demand(submission, 1)

def test_layer(submission):
    """It doubles."""
    submission.run(through_layer, 1)
'''
_HIDDEN = """
def test_root(submission):
    assert submission.root(4) == 2

def test_steps(submission):
    for kind in ["dou" + "ble"]:
        getattr(submission, kind + "_step")(1)

@probe
def run_script(student):
    runpy.run_path(student.__file__, run_name="__main__")

def test_script(submission):
    submission.run(run_script)

def test_file(submission):
    assert submission.printed == ""
"""
_ALL = {"test_double", "test_layer", "test_root", "test_steps", "test_script", "test_file"}
_OF_ROOT = {"test_root", "test_script", "test_file"}


@pytest.fixture(name="exercise")
def _exercise(tmp_path: Path) -> Any:
    names = {"reference": _REFERENCE, "public_checks": _PUBLIC, "hidden_checks": _HIDDEN}
    for name, text in names.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    paths = {name: tmp_path / f"{name}.py" for name in names}
    own = [paths["reference"]]
    return SimpleNamespace(**paths, reference_files=own, entry=own[0].name)


def _reached(exercise: Any, old: str, new: str) -> set[str]:
    assert old in _REFERENCE
    reached = reached_checks(exercise, {exercise.entry: _REFERENCE.replace(old, new).encode()})
    return _ALL if reached is None else set(reached)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("math.sqrt(x)", "x / 2", _OF_ROOT),
        ("import math", "import cmath as math", _OF_ROOT),
        ("_FACTOR * x", "x", _ALL - {"test_root", "test_script"}),
        ("_FACTOR = 2", "_FACTOR = 3", _ALL - {"test_root", "test_script"}),
        ("x + 1", "x - 1", {"test_steps", "test_file"}),
        ("return double(x)", "return x", {"test_layer", "test_file"}),
        ("def root(x):\n    return math.sqrt(x)", "", _OF_ROOT),
        ("print(root(4))", "print()", {"test_script", "test_file"}),
        ("_FACTOR = 2", "_FACTOR = 2\nprint()", _ALL),
        ("import math", "from math import *", _ALL),
        ("_FACTOR = 2", "_FACTOR =", _ALL),
    ],
    ids=[
        "function",
        "import",
        "used by a class",
        "constant",
        "composed name",
        "class",
        "removed",
        "as a script",
        "statement",
        "import of all",
        "no Python",
    ],
)
def test_checks_that_a_change_reaches(
    exercise: Any, old: str, new: str, expected: set[str]
) -> None:
    """A check that asks for no function of the submission is always among them."""
    assert _reached(exercise, old, new) == expected


def test_other_words_in_a_comment_reach_nothing_of_a_function(exercise: Any) -> None:
    """Only what Python sees is a change."""
    assert _reached(exercise, "return x + 1", "return x + 1  # one more") == {"test_file"}
