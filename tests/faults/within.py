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

sys.path.append(str(Path(__file__).parents[2]))
from tests.fence import cover


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
    kept, here = [Path(path) for path in order["kept"]], Path.cwd()
    for each in [*order["full"], *order["missing"]]:
        cover(Path(each), kept, "size=64k,mode=1777")
    for each in order["full"]:
        _fill(each)
    os.chdir(here)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  the point of it
