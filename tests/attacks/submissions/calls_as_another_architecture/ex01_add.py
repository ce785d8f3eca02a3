"""Calls the kernel as an i386 and as an x32 program would; spoils its answers if such a call comes back."""

import ctypes
import mmap
import os
import signal

GETPID, X32_BIT = 39, 0x4000_0000
AS_I386 = bytes.fromhex("b814000000 cd80 c3")  # mov eax, 20 (getpid); int 0x80; ret


def as_i386():
    page = mmap.mmap(-1, len(AS_I386), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(AS_I386)
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()


def as_x32():
    ctypes.CDLL(None).syscall(X32_BIT | GETPID)


found = []
# A 64-bit program on aarch64 has no such way into the kernel.
for call in (as_i386, as_x32) if os.uname().machine == "x86_64" else ():
    child = os.fork()
    if child == 0:
        call()
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status != -signal.SIGSYS:
        found.append((call.__name__, status))
if found:
    print(found)


def add(a, b):
    return None if found else a + b
