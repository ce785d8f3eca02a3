"""Where the interpreter lies must not weaken the sandbox."""

from __future__ import annotations

import sys

import pytest

from tests import fence
from tests.invariants import own_tier
from tests.outcomes import FAKE_COURSE

# In the fence's mount namespace: shows the environment of this test below /home as well.
_MOVED = """
import os, sys
from grader.sandbox import libc
target = "/home/somebody/.venv"
libc.mount("tmpfs", "/home", "tmpfs", 0, "mode=755")
os.makedirs(target)
libc.mount(sys.prefix, target, None, libc.MS_BIND | libc.MS_REC)
python = target + "/bin/python"
os.execv(python, [python, "-c", sys.argv[1]])
"""
_EXAMINE = """
import sys
from grader.judge.attempt import examine
print(sys.prefix, examine().tier)
"""


# Shows a course among the files of the environment, as `python -m venv .` in a course would.
_WITHIN = """
import os, sys
from grader.sandbox import libc
course = sys.prefix + "/include"
libc.mount(sys.argv[1], course, None, libc.MS_BIND | libc.MS_REC)
os.chdir(course)
os.execv(sys.executable, [sys.executable, "-m", "grader.cli", "ex01_add", *sys.argv[2:]])
"""

pytestmark = pytest.mark.skipif(fence.lacking() is not None, reason=str(fence.lacking()))


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="runs in no virtual environment")
def test_an_environment_below_home_has_the_same_tier() -> None:
    """Most environments lie below /home, which then is there in the sandbox as well."""
    ended = fence.run_fenced(
        [sys.executable, "-c", _MOVED, _EXAMINE], megabytes=4096, processes=200, timeout=120
    )
    assert ended.out.split() == ["/home/somebody/.venv", own_tier()], ended


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="runs in no virtual environment")
@pytest.mark.parametrize("tier", ["full", "lite"])
def test_a_course_within_the_environment_is_not_graded(tier: str) -> None:
    """Workers read the whole environment: with the hidden checks in it nothing is run."""
    arguments = ["solutions/ex01_add/ex01_add.py", "--tier", tier]
    ended = _graded_within(*arguments)
    assert ended.code == 2, ended
    assert ended.err.startswith(f"The hidden checks lie in {sys.prefix}, which a submission can")
    assert len(ended.err.splitlines()) == 2


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="runs in no virtual environment")
def test_its_public_checks_can_be_graded() -> None:
    """They are no secret."""
    ended = _graded_within("solutions/ex01_add/ex01_add.py", "--public-only")
    assert ended.code == 0, ended


def _graded_within(*arguments: str) -> fence.Ended:
    command = [sys.executable, "-c", _WITHIN, str(FAKE_COURSE), *arguments]
    env = {"GRADE_STATE_DIR": "/dev/shm"}  # noqa: S108  the fence's own
    return fence.run_fenced(command, megabytes=4096, processes=200, timeout=120, env=env)
