"""Takes things away inside the fence, then runs a command: `within.py ORDER WORD...`.

ORDER is JSON: "full" lists folders that become a file system without room for one more byte,
"missing" those that are covered by an empty one; "kept" those that stay where they are.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path

from grader.sandbox import libc


def _cover(folder: str, kept: list[Path]) -> None:
    """Mount a tiny file system on `folder`; what is `kept` below it shows in its place."""
    inside = {path: os.open(path, os.O_PATH) for path in kept if path.is_relative_to(folder)}
    libc.mount("tmpfs", folder, "tmpfs", 0, "size=64k,mode=1777")
    for path, descriptor in inside.items():
        path.mkdir(parents=True, exist_ok=True)
        libc.mount(f"/proc/self/fd/{descriptor}", str(path), None, libc.MS_BIND | libc.MS_REC)
        os.close(descriptor)


def _fill(folder: str) -> None:
    """Fill it with a file that has no name, and that the command inherits."""
    name = Path(folder, "filler")
    filler = os.open(name, os.O_WRONLY | os.O_CREAT)
    name.unlink()
    os.set_inheritable(filler, True)  # noqa: FBT003  it has no name
    try:
        while True:
            os.write(filler, bytes(1 << 12))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    kept, here = sorted(map(Path, order["kept"])), Path.cwd()
    for each in [*order["full"], *order["missing"]]:
        _cover(each, kept)
    for each in order["full"]:
        _fill(each)
    os.chdir(here)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  the point of it
