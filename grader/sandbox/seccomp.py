"""The system call filter of a worker: a deny-list in the kernel's classic BPF.

A deny-list, because an unknown but harmless system call must not break a student's import; what
has to be unreachable is listed here, for x86_64 and aarch64. The kernel computes which calls a
filter always allows and skips it for them, so the listed calls cost nothing to the others.

The filter sees registers, never memory. Where the kernel reads an argument as 32 bits, the rule
compares the low 32 bits alone: rubbish in the upper half cannot step around it.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from dataclasses import dataclass

from grader.sandbox import libc

# Columns: name, number on x86_64, number on aarch64 ("-": the architecture has no such call).
_DENIED = """
    unshare 272 97              setns 308 268               mount 165 40
    umount2 166 39              pivot_root 155 41           chroot 161 51
    open_tree 428 428           open_tree_attr 467 467      move_mount 429 429
    fsopen 430 430              fsconfig 431 431            fsmount 432 432
    fspick 433 433              mount_setattr 442 442       statmount 457 457
    listmount 458 458
    ptrace 101 117              process_vm_readv 310 270    process_vm_writev 311 271
    process_madvise 440 440     process_mrelease 448 448    kcmp 312 272
    pidfd_open 434 434          pidfd_getfd 438 438         pidfd_send_signal 424 424
    migrate_pages 256 238       move_pages 279 239
    bpf 321 280                 perf_event_open 298 241     userfaultfd 323 282
    io_uring_setup 425 425      io_uring_enter 426 426      io_uring_register 427 427
    add_key 248 217             request_key 249 218         keyctl 250 219
    init_module 175 105         finit_module 313 273        delete_module 176 106
    kexec_load 246 104          kexec_file_load 320 294     reboot 169 142
    swapon 167 224              swapoff 168 225             acct 163 89
    settimeofday 164 170        clock_settime 227 112       clock_adjtime 305 266
    adjtimex 159 171            sethostname 170 161         setdomainname 171 162
    syslog 103 116              vhangup 153 58              lookup_dcookie 212 18
    quotactl 179 60             quotactl_fd 443 443         nfsservctl 180 42
    open_by_handle_at 304 265   name_to_handle_at 303 264
    fanotify_init 300 262       fanotify_mark 301 263
    iopl 172 -                  ioperm 173 -                modify_ldt 154 -
    uselib 134 -                sysfs 139 -                 _sysctl 156 -
    shmget 29 194               shmat 30 196                shmctl 31 195
    shmdt 67 197                semget 64 190               semop 65 193
    semctl 66 191               semtimedop 220 192          msgget 68 186
    msgsnd 69 189               msgrcv 70 188               msgctl 71 187
    mq_open 240 180             mq_unlink 241 181           mq_notify 244 184
    mq_timedsend 242 182        mq_timedreceive 243 183     mq_getsetattr 245 185
    memfd_secret 447 447        sched_setaffinity 203 122
"""
_DENIED_MEMFD = "memfd_create 319 279"
_DENIED_LITE = """
    chown 92 -                  fchown 93 55                lchown 94 -
    fchownat 260 54             file_setattr 469 469
    setxattr 188 5              lsetxattr 189 6             fsetxattr 190 7
    removexattr 197 14          lremovexattr 198 15         fremovexattr 199 16
    setxattrat 463 463          removexattrat 466 466       ioprio_set 251 30
"""
_PRETENDED_LITE = """
    chmod 90 -                  fchmod 91 52                fchmodat 268 53
    fchmodat2 452 452           utime 132 -                 utimes 235 -
    futimesat 261 -             utimensat 280 88
"""
_BY_ARGUMENT = """
    clone 56 220                clone3 435 435              personality 135 92
    socket 41 198               socketpair 53 199           ioctl 16 29
    prlimit64 302 261           sched_setscheduler 144 119  sched_setparam 142 118
    sched_setattr 314 274       setpriority 141 140
"""
_BY_ARGUMENT_LITE = "kill 62 129"

_ARCHITECTURES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}  # AUDIT_ARCH_..., 64 bit
_X32_BIT = 0x4000_0000
_NEW_NAMESPACE = (
    libc.CLONE_NEWNS
    | libc.CLONE_NEWCGROUP
    | libc.CLONE_NEWUTS
    | libc.CLONE_NEWIPC
    | libc.CLONE_NEWUSER
    | libc.CLONE_NEWPID
    | libc.CLONE_NEWNET
)
_PERSONALITY_QUERY = 0xFFFF_FFFF
_AF_UNIX, _AF_INET, _AF_NETLINK = 1, 2, 16
_NETLINK_ROUTE = 0
_NO_STREAM = 0xE  # bits of a socket's type: SOCK_STREAM is 1
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # type into a terminal, drive a virtual console
_EVERY_PROCESS = 0xFFFF_FFFF  # pid -1

# struct seccomp_data: u32 number, u32 architecture, u64 instruction pointer, u64 arguments[6].
_NUMBER, _ARCHITECTURE = 0, 4
_LOAD, _JUMP, _RETURN = 0x20, 0x05, 0x06
_IF_EQUAL, _IF_AT_LEAST, _IF_BITS = 0x15, 0x35, 0x45
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_SECCOMP_MODE_FILTER = 2
_LONGEST_RUN = 200  # a conditional jump reaches 255 instructions


@dataclass(frozen=True)
class _Test:
    """One question about the low 32 bits of an argument, and which answer is denied."""

    argument: int
    operation: int
    operand: int
    denied_if: bool


_Way = list[_Test]
"""Tests that all have to allow."""


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def system_call_numbers(machine: str) -> dict[str, int]:
    """Return the number of every system call that a rule names, on "x86_64" or "aarch64"."""
    column = {"x86_64": 1, "aarch64": 2}[machine]
    tables = (_DENIED, _DENIED_MEMFD, _DENIED_LITE, _PRETENDED_LITE)
    rows = [row for table in (*tables, _BY_ARGUMENT, _BY_ARGUMENT_LITE) for row in _rows(table)]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


def build_filter(*, allow_memfd: bool, lite: bool, loopback: bool = False) -> bytes:
    """Build the program for this machine: an array of struct sock_filter.

    `allow_memfd` only where a cgroup bounds the memory: no other limit counts a memfd. `lite`
    adds what namespaces would have confined. `loopback`, for a network namespace of one's own,
    allows TCP, and to ask the kernel for its interfaces. Raises OSError(ENOSYS) on an unknown
    architecture.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _ARCHITECTURES or sys.maxsize < 2**32:
        raise OSError(errno.ENOSYS, f"no system call filter for {sys.platform} on {machine}")
    numbers = system_call_numbers(machine)

    def numbers_in(table: str) -> list[int]:
        return [numbers[row[0]] for row in _rows(table) if row[0] in numbers]

    denied = numbers_in(_DENIED)
    if not allow_memfd:
        denied += numbers_in(_DENIED_MEMFD)
    program = _check_architecture(_ARCHITECTURES[machine])
    # glibc then falls back to clone, whose flags are in a register where a filter can see them.
    program += _answer([numbers["clone3"]], _ERRNO | errno.ENOSYS)
    for name, code, ways in _rules(lite=lite, loopback=loopback):
        program += _examine(numbers[name], _ERRNO | code, ways)
    if lite:
        denied += numbers_in(_DENIED_LITE)
        # Files of the worker's uid outside its folders must keep mode and times, which Landlock
        # does not guard. The call answers "done" and does nothing: an error would break
        # shutil.copy, which sets the mode of every copy.
        program += _answer(numbers_in(_PRETENDED_LITE), _ERRNO)
    program += _answer(denied, _ERRNO | errno.EPERM)
    return b"".join([*program, _instruction(_RETURN, _ALLOW)])


def install(program: bytes) -> None:
    """Put the calling thread and its later children under `program`, which nothing takes off.

    Wants no_new_privs (or CAP_SYS_ADMIN), and a process with one thread: others stay free.
    """
    header = _Program(len(program) // 8, program)
    libc.prctl(libc.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(header))


def _rules(*, lite: bool, loopback: bool) -> list[tuple[str, int, list[_Way]]]:
    """Return the rules that depend on arguments: (system call, errno, ways to be allowed)."""
    unix = [_Test(0, _IF_EQUAL, _AF_UNIX, denied_if=False)]
    tcp = [
        _Test(0, _IF_EQUAL, _AF_INET, denied_if=False),
        _Test(1, _IF_BITS, _NO_STREAM, denied_if=True),
    ]
    interfaces = [
        _Test(0, _IF_EQUAL, _AF_NETLINK, denied_if=False),
        _Test(2, _IF_EQUAL, _NETLINK_ROUTE, denied_if=False),
    ]
    only_query = [_Test(0, _IF_EQUAL, _PERSONALITY_QUERY, denied_if=False)]
    to_terminal = [
        _Test(1, _IF_EQUAL, command, denied_if=True) for command in (_TIOCSTI, _TIOCLINUX)
    ]
    # Pid 0 is the caller; every other pid of the same uid could be the keeper's or the zygote's.
    only_self = [_Test(0, _IF_EQUAL, 0, denied_if=False)]
    rules = [
        ("clone", errno.EPERM, [[_Test(0, _IF_BITS, _NEW_NAMESPACE, denied_if=True)]]),
        ("socket", errno.EACCES, [unix, tcp, interfaces] if loopback else [unix]),
        ("socketpair", errno.EACCES, [unix]),
        ("ioctl", errno.EPERM, [to_terminal]),
        ("personality", errno.EPERM, [only_query]),
        ("prlimit64", errno.EPERM, [only_self]),
        # PRIO_PROCESS is 0 as well: neither a group nor a whole user.
        ("setpriority", errno.EPERM, [[*only_self, _Test(1, _IF_EQUAL, 0, denied_if=False)]]),
    ]
    scheduling = ("scheduler", "param", "attr")
    rules += [(f"sched_set{what}", errno.EPERM, [only_self]) for what in scheduling]
    if lite:
        rules.append(("kill", errno.EPERM, [[_Test(0, _IF_EQUAL, _EVERY_PROCESS, denied_if=True)]]))
    return rules


def _check_architecture(architecture: int) -> list[bytes]:
    """Kill a caller of another system call table (i386, x32), then leave the number loaded."""
    return [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_IF_EQUAL, architecture, 1, 0),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD, _NUMBER),
        _instruction(_IF_AT_LEAST, _X32_BIT, 0, 1),
        _instruction(_RETURN, _KILL_PROCESS),
    ]


def _answer(numbers: list[int], action: int) -> list[bytes]:
    """Give each of these system calls the same answer."""
    program = []
    for start in range(0, len(numbers), _LONGEST_RUN):
        run = numbers[start : start + _LONGEST_RUN]
        program += [
            _instruction(_IF_EQUAL, number, len(run) - index, 0) for index, number in enumerate(run)
        ]
        program += [_instruction(_JUMP, 1), _instruction(_RETURN, action)]
    return program


def _examine(number: int, action: int, ways: list[_Way]) -> list[bytes]:
    """Answer one system call by its arguments: allow where no test of a way denies, or `action`."""
    body = []
    for tests in ways:
        for place, test in enumerate(tests, 1):
            to_next_way = 2 * (len(tests) - place) + 1
            jumps = (to_next_way, 0) if test.denied_if else (0, to_next_way)
            body += [
                _instruction(_LOAD, 16 + 8 * test.argument),  # the low half: both are little-endian
                _instruction(test.operation, test.operand, *jumps),
            ]
        body.append(_instruction(_RETURN, _ALLOW))
    body.append(_instruction(_RETURN, action))
    return [_instruction(_IF_EQUAL, number, 0, len(body)), *body]


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)


def _rows(table: str) -> list[list[str]]:
    """Split a table into rows of name, x86_64, aarch64."""
    words = table.split()
    return [words[start : start + 3] for start in range(0, len(words), 3)]
