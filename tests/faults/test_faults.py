"""Faults of the grader's own, made to happen: they cost no points, are tried again, then named.

Check files run in the judge, so one of a course's copy may kill whatever a fault would have killed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import fence
from tests.fence import Ended, run_fenced
from tests.invariants import own_tier
from tests.outcomes import CASES, prepare, promise_of

pytestmark = pytest.mark.skipif(fence.lacking() is not None, reason=str(fence.lacking()))

_ROOT = Path(__file__).parents[2]
_WITHIN = Path(__file__).with_name("within.py")
_RIGHT = CASES / "all_pass"
_ANSWER = "    assert_tensor(submission.add(a, b), a + b)\n"

# What a check may do, in the judge, after the submission has answered it.
_HELPERS = """
import os
import signal
import time
from pathlib import Path


def children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def zygote():
    return os.getppid()


def keepers():
    return [pid for pid in children(zygote()) if pid != os.getpid()]


def kill(*pids):
    pids = list(pids)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    while not all(map(has_ended, pids)):
        time.sleep(0.01)


def has_ended(pid):
    try:
        return b") Z " in Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return True


def is_first():
    mark = Path(__file__).with_name("mark")
    is_first = not mark.exists()
    mark.touch()
    return is_first
"""
_KILL_ZYGOTE = "kill(zygote())"
_KILL_JUDGE = "kill(os.getpid())"
_KILL_KEEPERS = "kill(*keepers())"
_CLOSE_SOCKET = "os.close(submission._worker._channel._sock.fileno())"


@dataclass
class Grader:
    """The command on a right submission, behind the fence, with a fault."""

    folder: Path
    submission: Path
    python: str = sys.executable

    @property
    def checks(self) -> Path:
        """The public checks of the exercise."""
        return self.folder / "course/exercises/ex01_add/test_public.py"

    def inject(self, fault: str, *, once: bool) -> None:
        """Have the second check cause a fault when it has its first answer."""
        condition = "if is_first():" if once else "if True:"
        text = self.checks.read_text("utf-8")
        head, _, last = text.rpartition(_ANSWER)
        assert last == ""
        head = head.replace(
            "import assert_tensor, check\n", f"import assert_tensor, check\n{_HELPERS}"
        )
        self.checks.write_text(
            f"{head}{_ANSWER}    {condition}\n        {fault}\n{_ANSWER}", "utf-8"
        )

    def __call__(
        self, *arguments: str, full: Sequence[str] = (), missing: Sequence[str] = ()
    ) -> Outcome:
        """Run it where these folders are full or missing."""
        kept = [str(self.folder), str(_ROOT), sys.prefix, sys.base_prefix]
        order = {"kept": kept, "full": full, "missing": missing}
        words = [self.python, "-m", "grader.cli", "ex01_add", str(self.submission)]
        words += ["--format", "json", "--seed", "20", *arguments]
        ended = run_fenced(
            [sys.executable, str(_WITHIN), json.dumps(order), *words],
            megabytes=4096,
            processes=900,
            timeout=300,
            cwd=self.folder / "course",
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder / "state"),
                "GRADE_STATE_DIR": str(self.folder / "state"),
                "TMPDIR": str(self.folder / "tmp"),
                "LANG": "C.UTF-8",
            },
        )
        return Outcome(ended, self.folder, _KILL_ZYGOTE in self.checks.read_text("utf-8"))


@dataclass(frozen=True)
class Outcome:
    """How it ended."""

    ended: Ended
    folder: Path
    has_lost_zygote: bool

    @property
    def result(self) -> dict[str, Any]:
        """The result that was printed."""
        result: dict[str, Any] = json.loads(self.ended.out)
        return result

    def require_clean(self) -> None:
        """No traceback is shown, and nothing is left behind."""
        assert "Traceback" not in self.ended.out + self.ended.err, self.ended
        assert (self.ended.survivors, self.ended.files) == ((), ())
        # Who would remove the groups was killed; a later run of the grader does.
        assert self.ended.groups == () or self.has_lost_zygote
        assert list((self.folder / "tmp").iterdir()) == []

    def require_full_points(self, code: int = 0) -> None:
        """The fault is not to be seen in the result."""
        self.require_clean()
        assert self.ended.code == code, self.ended
        verdicts = {check["verdict"] for check in self.result["checks"]}
        assert (self.result["score"], self.result["max"], verdicts) == (6, 6, {"passed"})

    def require_named(self, sentence: str) -> str:
        """There is no result, but a sentence, a next step and a log, whose text is returned."""
        self.require_clean()
        assert (self.ended.code, self.ended.out) == (3, ""), self.ended
        said, step, where = self.ended.err.splitlines()
        assert said.startswith(sentence)
        assert step.startswith("This is not your fault and costs no points.")
        (log,) = (self.folder / "state").glob("error-*.log")
        assert str(log) in where
        return log.read_text("utf-8")


@pytest.fixture(name="grader")
def _grader(tmp_path: Path) -> Grader:
    return Grader(tmp_path, prepare(_RIGHT, promise_of(_RIGHT), tmp_path))


@pytest.fixture(name="in_tier_full")
def _in_tier_full() -> None:
    if own_tier() != "full":
        pytest.skip("elsewhere a submission may be able to do the same")


def test_a_zygote_that_is_killed_once_costs_nothing(grader: Grader) -> None:
    """Everything is tried again with new processes, and with the seed that was asked for."""
    grader.inject(_KILL_ZYGOTE, once=True)
    done = grader()
    done.require_full_points()
    assert done.ended.err == ""
    assert done.result["conditions"]["seed"] == 20


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (_KILL_ZYGOTE, "The grader's process that starts workers was killed."),
        (_KILL_JUDGE, "The grader's process that runs the checks was killed."),
    ],
    ids=["zygote", "judge"],
)
def test_a_process_that_is_killed_each_time_is_named(
    grader: Grader, fault: str, sentence: str
) -> None:
    """No result is better than a wrong one."""
    grader.inject(fault, once=False)
    assert "status" in grader().require_named(sentence)


@pytest.mark.parametrize("fault", [_KILL_KEEPERS, _CLOSE_SOCKET], ids=["keepers", "socket"])
@pytest.mark.usefixtures("in_tier_full")
def test_a_worker_that_ends_by_our_doing_costs_nothing(grader: Grader, fault: str) -> None:
    """Nothing within can kill its keeper, so its end is no crash of the submission."""
    grader.inject(fault, once=True)
    grader().require_full_points()


def test_a_full_disk_is_no_fault_of_the_submission(grader: Grader) -> None:
    """In tier lite a worker needs a folder of its own, and there is no room for any."""
    (grader.folder / "course").chmod(0o555)
    done = grader("--tier", "lite", full=["/tmp", "/var/tmp"])  # noqa: S108  it is covered
    done.require_named("The disk is full.")


def test_a_report_and_a_best_score_without_room_lose_no_result(grader: Grader) -> None:
    """The result is printed all the same."""
    reports, state = str(grader.folder / "reports"), str(grader.folder / "state")
    done = grader("--report", f"{reports}/report.html", full=[reports, state])
    done.require_full_points(code=2)
    said, step = done.ended.err.splitlines()
    assert said == f"The report {reports}/report.html cannot be written: No space left on device."
    assert "the disk has room" in step


def test_a_missing_cgroup_is_noted(grader: Grader) -> None:
    """Memory is watched from outside then."""
    done = grader(missing=["/sys/fs/cgroup"])
    done.require_full_points()
    notes = [note["kind"] for note in done.result["conditions"]["tier_notes"]]
    assert "no_memory_cgroup" in notes


def test_a_torch_that_cannot_be_imported_is_named(grader: Grader) -> None:
    """A broken installation, in words of the system's."""
    _break_torch(grader)
    log = grader().require_named(
        "torch, or what it needs, cannot be imported: OSError: libtorch.so: cannot open"
    )
    assert "status" in log


def _break_torch(grader: Grader) -> None:
    """Have the command run by an environment whose torch fails."""
    environment = grader.folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "torch").mkdir()
    (site / "torch/__init__.py").write_text(
        "raise OSError('libtorch.so: cannot open shared object file')\n"
    )
    real = sysconfig.get_path("purelib")
    (site / "real.pth").write_text(f"import site; site.addsitedir({real!r})\n")
    grader.python = str(environment / "bin/python")
