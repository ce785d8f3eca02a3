"""A machine that offers no isolation: what is refused there, and what is done all the same."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests import fence
from tests.outcomes import FAKE_COURSE

# As on a kernel without Landlock: its first system call is unknown from here on.
_WITHOUT_LANDLOCK = """
import errno, os, platform, sys
from grader.sandbox import libc, seccomp
unknown = seccomp._answer([libc.NR_LANDLOCK_CREATE_RULESET], seccomp._ERRNO | errno.ENOSYS)
program = seccomp._check_architecture(seccomp._ARCHITECTURES[platform.machine()]) + unknown
program.append(seccomp._instruction(seccomp._RETURN, seccomp._ALLOW))
libc.set_no_new_privs()
seccomp.install(b"".join(program))
os.execv(sys.executable, [sys.executable, "-m", "grader.cli", "ex01_add", *sys.argv[1:]])
"""
_REFERENCE = "solutions/ex01_add/ex01_add.py"

pytestmark = pytest.mark.skipif(fence.lacking() is not None, reason=str(fence.lacking()))


@pytest.fixture(name="course")
def _course(tmp_path: Path) -> Path:
    course = tmp_path / "course"
    shutil.copytree(FAKE_COURSE, course, ignore=shutil.ignore_patterns("conftest.py"))
    return course


def _graded(course: Path, *arguments: str) -> fence.Ended:
    command = [sys.executable, "-c", _WITHOUT_LANDLOCK, *arguments, "--format", "plain"]
    env = {"HOME": str(course.parent), "LANG": "C.UTF-8"}
    return fence.run_fenced(
        command, megabytes=4096, processes=200, timeout=120, env=env, cwd=course
    )


def test_hidden_checks_are_not_run_unasked(course: Path) -> None:
    """A submission could read them there, so the command says so and runs nothing."""
    ended = _graded(course, _REFERENCE)
    assert (ended.code, ended.out) == (2, "")
    said = "This machine offers no isolation, so a submission could read the hidden checks."
    assert ended.err.splitlines()[0] == said
    assert "--public-only" in ended.err


@pytest.mark.parametrize(
    ("arguments", "points"), [(["--public-only"], "3 of 3"), (["--tier", "none"], "6 of 6")]
)
def test_public_checks_and_trusted_code_are_graded(
    course: Path, arguments: list[str], points: str
) -> None:
    """What is not secret or asked for by name is done, and the report says how."""
    ended = _graded(course, _REFERENCE, *arguments)
    assert ended.code == 0, ended
    assert f"Total: {points} points" in ended.out
    assert "Isolation: none" in ended.out


def test_no_higher_tier_is_claimed(course: Path) -> None:
    """Asking for the full tier gives what can be witnessed, which is none."""
    ended = _graded(course, _REFERENCE, "--tier", "full", "--public-only")
    assert ended.code == 0, ended
    assert "Isolation: none" in ended.out
