"""Tries to reach what is none of its business; fails its checks wherever it succeeds."""

import os
import socket
import sys

found = []
for name in ("/etc/passwd", "/etc/shadow", "/proc/1/environ", "/proc/1/mem"):
    try:
        with open(name, "rb") as file:
            found.append(file.read(1))
    except OSError:
        pass
for folder in ("/sys", "/proc/1/cwd", "/proc/1/root", "/proc/1/fd", f"/proc/{os.getppid()}/fd"):
    try:
        found += set(os.listdir(folder)) - {"ex01_add.py", "__pycache__"}
    except OSError:
        pass
shown = ("/usr", "/lib", "/proc", sys.prefix, sys.base_prefix)
for folder, folders, names in os.walk("/"):
    folders[:] = [name for name in folders if not os.path.join(folder, name).startswith(shown)]
    found += {"course.yaml", "exercise.yaml", "test_hidden.py", "report.json"} & set(names)
for folder in ("/", "/usr/lib", os.path.dirname(os.__file__), "/var/tmp", "/etc", "/proc/sys/kernel"):
    try:
        os.close(os.open(folder + "/mine", os.O_CREAT | os.O_WRONLY))
        found.append(folder)
    except OSError:
        pass
for family, address in (
    (socket.AF_INET, ("127.0.0.1", 22)),
    (socket.AF_INET6, ("::1", 22)),
    (socket.AF_UNIX, "/run/docker.sock"),
    (socket.AF_UNIX, "/run/dbus/system_bus_socket"),
):
    try:
        with socket.socket(family) as sock:
            sock.connect(address)
            found.append(address)
    except OSError:
        pass
found += [name for name in os.environ if name.startswith(("GRADE", "PYTEST", "SSH", "XDG"))]
found += [name for name in sys.modules if name.startswith(("grader.judge", "grader.course"))]
if found:
    print(found)


def add(a, b):
    return None if found else a + b
