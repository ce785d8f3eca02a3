"""Memory groups of the machine that runs the tests, and memory watched from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox import cgroup
from grader.sandbox.cgroup import MemoryGroup, descendants, memory_cgroup, polled_memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="cgroups are Linux's")

# Joins the group whose path is its argument, then runs what follows.
JOIN = """
import os, sys, time
from pathlib import Path
Path(sys.argv[1], "cgroup.procs").write_text(str(os.getpid()))
"""


@pytest.fixture
def group() -> Iterator[MemoryGroup]:
    """A group of 128 MB that is killed and removed after the test."""
    if not any(os.access(place, os.W_OK) for place, _ in cgroup._places()):
        pytest.skip("no memory cgroup can be made here")
    made = MemoryGroup.create(128)
    assert made is not None
    yield made
    made.kill_all()
    made.remove()


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start `code` in a new Python whose standard output is a pipe."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    """Wait for the first line that `process` prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def stop(process: subprocess.Popen[str]) -> None:
    """Kill `process` and close its pipe."""
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    "code",
    [
        "block = bytearray(300 << 20)",
        "memfd = os.memfd_create('a')\nfor _ in range(5): os.write(memfd, bytes(60 << 20))",
    ],
    ids=["heap", "memfd"],
)
def test_process_over_the_limit_is_killed(group: MemoryGroup, code: str) -> None:
    """300 MB in a group of 128 MB end in SIGKILL, which the group counts, memfds included."""
    assert group.oom_kills() == 0
    process = start(JOIN + code, str(group.path))
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert group.oom_kills() >= 1
    assert 100 << 20 < group.peak_bytes() <= 128 << 20


def test_group_has_no_swap(group: MemoryGroup) -> None:
    """Where the kernel limits swap, a group may not evade its limit by swapping."""
    limits = {"memory.memsw.limit_in_bytes": 128 << 20, "memory.swap.max": 0}
    found = [name for name in limits if (group.path / name).exists()]
    if not found:
        pytest.skip("this kernel does not limit swap")
    assert all(group._number(name) == limits[name] for name in found)


def test_joined_process_is_accounted(group: MemoryGroup) -> None:
    """Memory that a process touches after it has joined counts, and stays the peak."""
    code = """
        import sys
        from pathlib import Path
        from grader.sandbox.cgroup import MemoryGroup
        MemoryGroup(Path(sys.argv[1]), int(sys.argv[2])).join()
        block = bytearray(50 << 20)
        print(1, flush=True)
        input()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(group.path), str(group.version)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first_line(process) == "1"
    assert group.current_bytes() > 50 << 20
    assert group._pids() == [process.pid]
    process.communicate("\n")
    assert group.current_bytes() < 50 << 20 < group.peak_bytes()
    assert group.oom_kills() == 0


def test_kill_all_ends_daemons(group: MemoryGroup) -> None:
    """Children in sessions of their own that ignore signals are gone afterwards, and the group."""
    process = start(
        JOIN
        + """
import signal
for _ in range(10):
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(1)
print("ready", flush=True)
time.sleep(100)
""",
        str(group.path),
    )
    assert first_line(process) == "ready"
    assert len(group._pids()) == 11
    assert group.kill_all()
    assert process.wait() == -signal.SIGKILL
    stop(process)
    group.remove()
    assert not group.path.exists()


def test_kill_all_catches_processes_that_fork_and_end(group: MemoryGroup) -> None:
    """Processes that forever fork themselves and exit, so that their pids change, are caught."""
    process = start(
        JOIN
        + """
print("ready", flush=True)
end = time.monotonic() + 10  # should this test fail, the processes do not stay
for _ in range(3):
    os.fork()
while time.monotonic() < end:
    if os.fork():
        os._exit(0)
""",
        str(group.path),
    )
    assert first_line(process) == "ready"
    assert group.kill_all()
    assert group._pids() == []
    stop(process)


def test_group_in_use_is_not_removed_and_nothing_raises(group: MemoryGroup) -> None:
    """remove() leaves a group with processes, and does not mind one that is gone."""
    process = start(JOIN + "print('ready', flush=True); time.sleep(100)", str(group.path))
    assert first_line(process) == "ready"
    group.remove()
    assert group.path.exists()
    assert group.kill_all()
    stop(process)
    group.remove()
    group.remove()
    assert not group.path.exists()


def test_leftovers_are_removed_by_their_age(tmp_path: Path) -> None:
    """An empty group of an hour ago is removed, a new one and one of another name stay."""
    old, new, other = (tmp_path / name for name in (f"grade-{1:016x}", f"grade-{2:016x}", "other"))
    for folder in (old, new, other):
        folder.mkdir()
    for folder in (old, other):
        os.utime(folder, (0, 0))
    cgroup._remove_leftovers(tmp_path)
    assert [folder.exists() for folder in (old, new, other)] == [False, True, True]


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="becomes another user")
def test_no_group_without_the_right_to_make_one() -> None:
    """A user who may not write to the cgroups gets None."""
    code = """
    import os
    from grader.sandbox.cgroup import MemoryGroup
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
    print(MemoryGroup.create(128))
    """
    process = start(code)
    assert first_line(process) == "None"
    stop(process)


V1 = "4:memory:/jobs/17\n1:cpu,cpuacct:/\n0::/\n"
V1_MOUNTS = (
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 {root} /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"
)
V2 = "0::/user.slice/user@1000.service/app.slice/shell.scope\n"
V2_MOUNTS = "30 23 0:26 {root} /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"


@pytest.mark.parametrize(
    ("groups", "mounts", "expected"),
    [
        (V1, V1_MOUNTS.format(root="/"), ("/sys/fs/cgroup/memory/jobs/17", 1)),
        (V1, V1_MOUNTS.format(root="/jobs/17"), ("/sys/fs/cgroup/memory", 1)),
        (V1, V1_MOUNTS.format(root="/jobs/18"), None),
        (
            V2,
            V2_MOUNTS.format(root="/"),
            ("/sys/fs/cgroup/user.slice/user@1000.service/app.slice/shell.scope", 2),
        ),
        ("0::/\n", V2_MOUNTS.format(root="/"), ("/sys/fs/cgroup", 2)),
        ("0::/../../other\n", V2_MOUNTS.format(root="/"), None),
        (V2, "", None),
        ("", V2_MOUNTS.format(root="/"), None),
        (
            "0::/a\n",
            "30 23 0:26 / /mnt/two\\040words rw - cgroup2 cgroup2 rw\n",
            ("/mnt/two words/a", 2),
        ),
    ],
)
def test_own_cgroup_is_found(groups: str, mounts: str, expected: tuple[str, int] | None) -> None:
    """v1, v2, containers that see a part of the hierarchy, and processes that see none of it."""
    found = memory_cgroup(groups, mounts)
    assert (found and (str(found[0]), found[2])) == expected


def test_v2_files_are_read_and_written(tmp_path: Path) -> None:
    """The names and formats of cgroup v2, on a folder that stands for a group."""
    files = {
        "memory.max": "",
        "memory.peak": "2097152\n",
        "memory.current": "1048576\n",
        "memory.events": "low 0\noom 3\noom_kill 2\noom_group_kill 0\n",
        "pids.max": "",
        "cgroup.kill": "",
        "cgroup.procs": "",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    group = MemoryGroup(tmp_path, 2)
    group._set_limits(128 << 20)
    assert (tmp_path / "memory.max").read_text() == str(128 << 20)
    assert (tmp_path / "pids.max").read_text() == str(cgroup.MAX_TASKS)
    assert not (tmp_path / "memory.swap.max").exists()
    assert (group.peak_bytes(), group.current_bytes(), group.oom_kills()) == (2 << 20, 1 << 20, 2)
    (tmp_path / "memory.peak").unlink()
    assert group.peak_bytes() == 1 << 20
    assert group.kill_all()
    assert (tmp_path / "cgroup.kill").read_text() == "1"


def test_polled_memory_counts_what_processes_hold() -> None:
    """Heap and mapped shared memory count, less the base for each process; the dead count 0."""
    code = """
    import mmap, time
    heap, shared = bytearray(40 << 20), mmap.mmap(-1, 40 << 20)
    shared.write(bytes(40 << 20))
    print("ready", flush=True)
    time.sleep(100)
    """
    process = start(code)
    assert first_line(process) == "ready"
    held = polled_memory([process.pid], 0)
    assert 80 << 20 <= held < 160 << 20
    assert polled_memory([process.pid], 30 << 20) < held
    assert polled_memory([process.pid], 1 << 40) == 0
    stop(process)
    assert polled_memory([process.pid], 0) == 0


def test_descendants_are_found_however_they_were_forked() -> None:
    """Children, grandchildren and a child forked by a thread are found, with both ways to look."""
    code = """
    import os, threading, time, warnings
    warnings.simplefilter("ignore")  # a fork with threads is the point here
    def fork_and_sleep():
        if (pid := os.fork()) == 0:
            time.sleep(100)
        pids.append(pid)
    pids = []
    def fork_in_thread():
        fork_and_sleep()
        time.sleep(100)
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        fork_and_sleep()
        os.write(writer, b"%d" % pids[0])
        time.sleep(100)
    pids += [child, int(os.read(reader, 20))]
    threading.Thread(target=fork_in_thread, daemon=True).start()
    while len(pids) < 3:
        time.sleep(0.01)
    print(*pids, flush=True)
    time.sleep(100)
    """
    process = start(code)
    expected = sorted(int(word) for word in first_line(process).split())
    found = descendants(process.pid)
    children_of = cgroup._children_by_parent()
    try:
        assert len(expected) == 3
        assert sorted(found) == expected
        direct = children_of(process.pid)
        assert sorted(direct + [pid for child in direct for pid in children_of(child)]) == expected
    finally:
        for pid in expected:
            os.kill(pid, signal.SIGKILL)
        stop(process)
    assert descendants(process.pid) == []
