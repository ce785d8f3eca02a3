"""One timed task at a time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.timing.lock import only_one

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such lock")

_OTHER = """
import sys
from grader.timing.lock import only_one
print("started", flush=True)
with only_one():
    print("has it", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_waits_for_the_first_and_for_one_that_dies() -> None:
    """It gets the lock when the first lets go, and we get it back when it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", _OTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        with only_one():
            assert other.stdout.readline() == "started\n"
            with pytest.raises(subprocess.TimeoutExpired):
                other.wait(0.3)
        assert other.stdout.readline() == "has it\n"
        other.kill()
        with only_one():
            pass
