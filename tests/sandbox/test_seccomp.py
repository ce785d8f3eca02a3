"""The system call filter, installed for real in processes of its own."""

from __future__ import annotations

import errno
import platform
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from grader.sandbox import seccomp

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")

HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}
PREAMBLE = """
import errno, os, signal, sys
from grader.sandbox import libc, seccomp

def answer(number, *arguments):
    "The errno of a system call as a name, or 0."
    try:
        libc.syscall(number, *arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return 0

numbers = seccomp.system_call_numbers(os.uname().machine)
"""
INSTALL = """
libc.set_no_new_privs()
seccomp.install(seccomp.build_filter(allow_memfd={allow_memfd}, lite={lite}))
"""


def run_filtered(
    code: str, *, allow_memfd: bool = False, lite: bool = False, before: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `code` in a new Python under the filter, `before` ahead of it."""
    install = INSTALL.format(allow_memfd=allow_memfd, lite=lite)
    parts = (PREAMBLE, textwrap.dedent(before), install, textwrap.dedent(code))
    return subprocess.run(
        [sys.executable, "-c", "\n".join(parts)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        start_new_session=True,  # no terminal: nothing here can reach the developer's
    )


def succeed(code: str, *, allow_memfd: bool = False, lite: bool = False, before: str = "") -> None:
    """Run `code` under the filter and show what it printed if it failed."""
    done = run_filtered(code, allow_memfd=allow_memfd, lite=lite, before=before)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_numbers_are_those_of_the_kernel_headers(machine: str) -> None:
    """Each table agrees with the header of its architecture on every name that it has."""
    header = next((Path(path) for path in HEADERS[machine] if Path(path).exists()), None)
    if header is None:
        pytest.skip("no kernel headers here")
    pattern = r"#define __NR(?:3264)?_(\w+)\s+(\d+)"
    known = {name: int(number) for name, number in re.findall(pattern, header.read_text())}
    ours = seccomp.system_call_numbers(machine)
    shared = ours.keys() & known.keys()
    assert len(shared) > 100
    assert {name: ours[name] for name in shared} == {name: known[name] for name in shared}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_no_number_stands_twice(machine: str) -> None:
    """Two names with one number would mean that one of them is wrong."""
    numbers = list(seccomp.system_call_numbers(machine).values())
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("lite", [False, True])
def test_listed_calls_are_denied(lite: bool) -> None:  # noqa: FBT001  pytest passes it by name
    """Every call of the deny-list answers EPERM, whatever its arguments."""
    succeed(
        f"""
        tables = [seccomp._DENIED, seccomp._DENIED_MEMFD] + {lite} * [seccomp._DENIED_LITE]
        names = [row[0] for table in tables for row in seccomp._rows(table) if row[0] in numbers]
        answers = {{name: answer(numbers[name], -1, -1, -1, -1, -1, -1) for name in names}}
        assert len(answers) > 80
        assert set(answers.values()) == {{"EPERM"}}, answers
        """,
        lite=lite,
    )


def test_memfd_is_allowed_where_memory_is_accounted() -> None:
    """With allow_memfd a memfd can be made, but memory hidden from the kernel cannot."""
    succeed(
        """
        os.close(os.memfd_create("a"))
        assert answer(numbers["memfd_secret"], 0) == "EPERM"
        """,
        allow_memfd=True,
    )


def test_namespaces_cannot_be_made_by_clone() -> None:
    """Every CLONE_NEW flag is denied, clone3 is unknown, and fork and threads work as before."""
    succeed(
        """
        import threading
        names = ("NS", "CGROUP", "UTS", "IPC", "USER", "PID", "NET")
        flags = [getattr(libc, "CLONE_NEW" + name) for name in names]
        # With CLONE_PARENT_SETTID | CLONE_VM but no stack, a clone let through would fail too.
        assert {answer(numbers["clone"], flag | signal.SIGCHLD) for flag in flags} == {"EPERM"}
        assert {answer(numbers["clone"], 1 << 40 | flag, 0) for flag in flags} == {"EPERM"}
        assert answer(numbers["clone3"], 0, 0) == "ENOSYS"
        seen = []
        thread = threading.Thread(target=seen.append, args=(1,))
        thread.start()
        thread.join()
        child = os.fork()
        if child == 0:
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert seen == [1]
        """
    )


def test_only_unix_sockets_can_be_made() -> None:
    """IPv4, IPv6, netlink, packet, and vsock answer EACCES, also with rubbish in the upper half."""
    succeed(
        """
        import socket
        for family in (2, 10, 16, 17, 40):
            for call in ("socket", "socketpair"):
                assert answer(numbers[call], family, 1, 0, 0) == "EACCES"
                assert answer(numbers[call], 1 << 32 | family, 1, 0, 0) == "EACCES"
        left, right = socket.socketpair()
        left.sendall(b"a")
        assert right.recv(1) == b"a"
        """
    )


def test_nothing_can_be_typed_into_a_terminal() -> None:
    """TIOCSTI and TIOCLINUX are denied whatever the upper half says; other ioctls work."""
    succeed(
        """
        import array, fcntl, termios
        for command in (0x5412, 0x541C):
            assert answer(numbers["ioctl"], 0, command, b"x") == "EPERM"
            assert answer(numbers["ioctl"], 0, 1 << 32 | command, b"x") == "EPERM"
        reader, writer = os.pipe()
        os.write(writer, b"four")
        waiting = array.array("i", [0])
        fcntl.ioctl(reader, termios.FIONREAD, waiting)
        assert waiting[0] == 4
        """
    )


def test_personality_can_only_be_asked() -> None:
    """Asking for the personality works, setting one is denied."""
    succeed(
        """
        assert libc.syscall(numbers["personality"], 0xFFFFFFFF) == 0
        assert answer(numbers["personality"], 0x0040000) == "EPERM"
        """
    )


def test_x32_call_kills_the_process() -> None:
    """A number of the x32 table ends the process with SIGSYS."""
    done = run_filtered("libc.syscall(0x40000000 + 39)")
    assert done.returncode == -signal.SIGSYS


@pytest.mark.skipif(platform.machine() != "x86_64", reason="i386 is x86's")
def test_i386_call_kills_the_process() -> None:
    """A system call of the i386 table ends the process, here unshare as number 310."""
    done = run_filtered(
        """
        import ctypes, mmap
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        # mov eax, 310; xor ebx, ebx; int 0x80; ret
        page.write(bytes.fromhex("b836010000 31db cd80 c3"))
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        ctypes.CFUNCTYPE(ctypes.c_int)(address)()
        """
    )
    # A kernel built without i386 answers with SIGSEGV before any filter.
    assert done.returncode in (-signal.SIGSYS, -signal.SIGSEGV)


@pytest.mark.parametrize("lite", [False, True], ids=["full", "lite"])
def test_other_processes_cannot_be_touched(*, lite: bool) -> None:
    """Limits, affinity and priority can be set for oneself only: the keeper has the same uid."""
    succeed(
        """
        import resource
        other = os.getppid()
        calls = [f"sched_set{what}" for what in ("scheduler", "param", "attr")]
        assert len(calls) == 3
        for name in calls:
            assert answer(numbers[name], other, 0, 0, 0) == "EPERM", name
            assert answer(numbers[name], 1 << 32 | other, 0, 0, 0) == "EPERM", name
        assert answer(numbers["prlimit64"], other, 7, 0, 0) == "EPERM"
        for which, who in ((0, other), (1, 0), (2, 0)):
            assert answer(numbers["setpriority"], which, who, 5) == "EPERM"
        # Nor for oneself: a timed task has the processor that it was given.
        assert answer(numbers["sched_setaffinity"], 0, 0, 0) == "EPERM"
        resource.setrlimit(resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE))
        os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0))
        os.kill(os.getpid(), 0)
        """,
        lite=lite,
    )


def test_lite_denies_to_signal_everybody() -> None:
    """Without a PID namespace kill(-1) would reach every process of the uid."""
    succeed('assert answer(numbers["kill"], -1, 0) == "EPERM"', lite=True)


def test_lite_leaves_modes_and_times_of_files_alone(tmp_path: Path) -> None:
    """Changes of mode and times answer "done" and do nothing, so that shutil.copy2 works."""
    file = tmp_path / "file"
    file.write_text("text")
    file.chmod(0o640)
    before = file.stat()
    succeed(
        f"""
        import shutil
        path = {str(file)!r}
        descriptor = os.open(path, os.O_RDONLY)
        os.chmod(path, 0o777)
        os.fchmod(descriptor, 0o777)
        os.utime(path, (1, 1))
        for change in (os.chown, os.lchown):
            try:
                change(path, os.getuid(), os.getgid())
            except PermissionError:
                continue
            raise AssertionError(change)
        shutil.copy2(path, path + ".copy")
        """,
        lite=True,
    )
    after = file.stat()
    assert (after.st_mode, after.st_mtime) == (before.st_mode, before.st_mtime)
    assert (tmp_path / "file.copy").read_text() == "text"


def test_full_lets_modes_of_files_be_changed(tmp_path: Path) -> None:
    """Without lite, chmod works: what can be reached is the sandbox's own."""
    file = tmp_path / "file"
    file.touch()
    succeed(f"os.chmod({str(file)!r}, 0o600)")
    assert file.stat().st_mode & 0o777 == 0o600


def test_filter_stays_on_after_exec() -> None:
    """A program started by the confined process is confined as well."""
    succeed(
        """
        import subprocess
        code = "import socket; socket.socket(socket.AF_INET)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert "PermissionError" in done.stderr
        """
    )


def test_torch_and_its_data_loader_work() -> None:
    """Convolution, backward, multiprocessing, DataLoader workers and torch.save run in lite."""
    succeed(
        """
        import io, multiprocessing, tempfile
        def double(queue):
            queue.put(2 * queue.get())
        context = multiprocessing.get_context("fork")
        there, back = context.Queue(), None
        there.put(21)
        process = context.Process(target=double, args=(there,))
        process.start()
        process.join()
        assert process.exitcode == 0 and there.get() == 42
        layer = torch.nn.Conv2d(3, 8, 3)
        layer(torch.randn(4, 3, 16, 16)).sum().backward()
        assert layer.weight.grad.shape == (8, 3, 3, 3)
        data = torch.utils.data.TensorDataset(torch.arange(16.0))
        loader = torch.utils.data.DataLoader(data, batch_size=4, num_workers=2)
        assert torch.cat([batch for batch, in loader]).tolist() == list(range(16))
        with tempfile.TemporaryDirectory() as folder:
            torch.save(layer.state_dict(), folder + "/state.pt")
            layer.load_state_dict(torch.load(folder + "/state.pt"))
        """,
        lite=True,
        before="import torch",
    )


def test_unknown_architecture_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """On an architecture without a table the answer is ENOSYS, never an empty filter."""
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(OSError, match="riscv64") as raised:
        seccomp.build_filter(allow_memfd=False, lite=False)
    assert raised.value.errno == errno.ENOSYS


def test_long_runs_jump_no_further_than_the_kernel_allows() -> None:
    """A list longer than a conditional jump reaches is split."""
    program = seccomp._answer(list(range(500)), 0)
    assert max(instruction[2] for instruction in program) <= seccomp._LONGEST_RUN
    assert len(program) == 500 + 2 * 3


def test_modules_import_on_other_platforms() -> None:
    """Off Linux the modules import, and their functions answer ENOSYS."""
    code = """
    import ctypes, errno, os, platform, sys
    sys.platform = "darwin"
    from grader.sandbox import cgroup, landlock, libc, seccomp
    calls = [
        libc.set_no_new_privs,
        libc.drop_capabilities,
        lambda: libc.mount("none", "/nowhere", "tmpfs", 0),
        lambda: libc.pivot_root("/nowhere", "/nowhere"),
        landlock.abi_version,
        lambda: landlock.Ruleset.prepare(["/"], []),
        lambda: seccomp.build_filter(allow_memfd=False, lite=False),
        lambda: seccomp.install(bytes(8)),
    ]
    for call in calls:
        try:
            call()
        except OSError as error:
            assert error.errno == errno.ENOSYS, error
        else:
            raise AssertionError(call)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
