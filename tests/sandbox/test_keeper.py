"""Between two checks nothing is alive of the first one and nothing is left of it."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from grader.judge.verdicts import Verdict
from tests.bench import (
    MEGABYTES,
    Bench,
    check,
    grading_on,
    open_launcher,
    running,
    submission,
)

# ---------------------------------------------------------------- stray processes


STRAYS = {
    "child": "subprocess.Popen(command)",
    "child in a session of its own": "subprocess.Popen(command, start_new_session=True)",
    "orphan": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv(command[0], command)
            os._exit(0)
        """,
    "child that ignores signals": """
        subprocess.Popen(
            command,
            start_new_session=True,
            preexec_fn=lambda: [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 14, 15)],
        )
        """,
}


@pytest.mark.parametrize("tier", ["full", "lite", "none"])
@pytest.mark.parametrize("stray", STRAYS.values(), ids=STRAYS)
def test_nothing_outlives_its_check(bench: Bench, stray: str, tier: str) -> None:
    """Children, daemons and what ignores signals are gone when the check is over."""
    marker = f"stray{secrets.token_hex(8)}"
    code = f"import time; print('here', flush=True); time.sleep(600) # {marker}"
    body = f"""
def f():
    command = [sys.executable, "-S", "-c", {code!r}]
    reader, writer = os.pipe()
    kept = os.dup(1)
    os.dup2(writer, 1)
{_indented(stray)}
    os.dup2(kept, 1)
    return os.read(reader, 4) # it runs
"""
    seen: list[list[int]] = []
    with bench.grading(submission(body), tier=tier) as grading:

        def ask(student: Any) -> Any:
            answer = student.f()
            seen.append(running(marker))
            return answer

        outcome = check(grading, ask)
    # A sandbox is used again only when everything in it is gone. Their turns come round.
    for _ in range(3):
        assert bench.run("def f(): return 1", "f", tier=tier).value == 1
    seen.append(running(marker))
    assert outcome.value == b"here"
    assert seen[0], "the stray process could not be seen from outside"
    assert not seen[1]


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in dedent(text).strip().splitlines())


# ---------------------------------------------------------------- one check and the next


@pytest.mark.parametrize(
    ("tier", "folders"),
    [("full", [".", "/dev/shm"]), ("lite", ["."]), ("none", ["."])],  # noqa: S108  a worker's own
)
def test_a_check_sees_nothing_of_the_one_before(
    bench: Bench, tier: str, folders: list[str]
) -> None:
    """Files, changed modules and changed libraries end with the worker that made them."""
    name = f"left-{secrets.token_hex(8)}"
    places = [f"{folder}/{name}" for folder in folders]
    body = """
    count = 0
    def f():
        global count
        count += 1
        torch.add = torch.sub
        os.environ["LEFT"] = "1"
        for place in places:
            open(place, "w").close()
        return count

    def g():
        left = list(filter(os.path.exists, places))
        return [count, left, "LEFT" in os.environ, int(torch.add(torch.tensor(2), 1))]
    """
    with bench.grading(submission(body) + f"places = {places}\n", tier=tier) as grading:
        outcomes = [check(grading, ask) for ask in (_ask_f, _ask_g, _ask_f, _ask_g)]
    assert [outcome.value for outcome in outcomes] == [1, [0, [], False, 3]] * 2


def test_shared_memory_of_the_machine_is_left_clean(bench: Bench) -> None:
    """In tier lite it is everybody's: what a worker of root's left there goes with its sandbox."""
    if os.getuid() != 0:
        pytest.skip("an ordinary user's workers have no uid of their own to tell their files by")
    left = Path("/dev/shm", f"left-{secrets.token_hex(8)}")  # noqa: S108  the machine's, on purpose
    text = f"def f(): open({str(left)!r}, 'w').close()\n"
    try:
        assert not bench.run(text, "f", tier="lite").causes
        for _ in range(3):
            assert bench.run("def f(): return 1", "f", tier="lite").value == 1
        assert not left.exists()
    finally:
        left.unlink(missing_ok=True)


def test_a_killed_keeper_leaves_nothing(bench: Bench) -> None:
    """Whoever kills it: the zygote removes its scratch folder, and the next check has another."""
    if os.getuid() != 0:
        pytest.skip("an ordinary user's keeper is not told from the test's own processes")
    folders: list[Path] = []

    def ask(student: Any) -> Any:
        folders.append(Path(student.where()))
        for pid in _of_user(folders[0].stat().st_uid):
            os.kill(pid, signal.SIGKILL)
        return student.where()

    launcher = open_launcher(bench.zygote, "lite", MEGABYTES)
    try:
        with grading_on(launcher, "import os\ndef where(): return os.getcwd()") as grading:
            outcome = check(grading, ask)
            assert check(grading, lambda it: it.where() is not None).value
    finally:
        launcher.close()
    assert outcome.verdict is not Verdict.PASSED
    assert not folders[0].exists()


def _of_user(uid: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if entry.stat().st_uid == uid or f"Uid:\t{uid}\t" in (entry / "status").read_text():
                found.append(int(entry.name))
    return found


def _ask_f(student: Any) -> Any:
    return student.f()


def _ask_g(student: Any) -> Any:
    return student.g()


def test_requests_of_one_check_share_a_worker(bench: Bench) -> None:
    """Within a check the submission keeps its state."""
    body = "count = 0\ndef f():\n    global count\n    count += 1\n    return count\n"
    with bench.grading(body) as grading:
        outcome = check(grading, lambda student: [student.f(), student.f()])
    assert outcome.value == [1, 2]
