"""Tries to become root, to make devices and to write to the kernel's own files; spoils its answers if it can."""

import os
import stat
import subprocess

found = []
for become in (os.setuid, os.setgid, os.seteuid, os.setegid):
    try:
        become(0)
        found.append(become.__name__)
    except OSError:
        pass
for kind, device in ((stat.S_IFCHR, os.makedev(1, 1)), (stat.S_IFBLK, os.makedev(8, 0))):
    for folder in (".", "/dev", "/dev/shm"):
        try:
            os.mknod(f"{folder}/node", 0o666 | kind, device)
            found.append(device)
        except OSError:
            pass
for path in (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sysrq-trigger",
    "/proc/self/oom_score_adj",
    "/proc/self/uid_map",
    "/sys/kernel/uevent_helper",
    "/sys/fs/cgroup/cgroup.procs",
    "/dev/mem",
    "/dev/kmsg",
):
    try:
        os.close(os.open(path, os.O_WRONLY))
        found.append(path)
    except OSError:
        pass
for program in ("su", "sudo", "mount", "passwd", "newgrp", "chsh", "pkexec"):
    try:
        with subprocess.Popen(
            [f"/usr/bin/{program}"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as process:
            with open(f"/proc/{process.pid}/status") as status:
                uids = next(line for line in status if line.startswith("Uid:")).split()
            process.kill()
        if uids[2] != uids[1]:
            found.append(program)
    except OSError:
        pass
if found:
    print(found)


def add(a, b):
    return None if found else a + b
