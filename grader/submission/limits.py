"""How much of a submission is taken in. Whatever is larger is refused, never cut."""

from __future__ import annotations

MIB = 1 << 20

MAX_SOURCE_BYTES = 1 * MIB
"""One Python file, or all code cells of a notebook together."""
MAX_FILE_BYTES = 8 * MIB
"""Any other file: a notebook with its pictures, a data file."""
MAX_TOTAL_BYTES = 32 * MIB
"""All files of one submission together; also a whole zip as it lies on disk."""
MAX_FILES = 200
MAX_DEPTH = 8
"""Parts of a relative name: a/b/c.py has 3."""
MAX_LISTED = 20_000
"""Names looked at while searching a folder or a zip."""
MAX_RATIO = 200
"""Unpacked over packed size of a zip member larger than `RATIO_FROM_BYTES`."""
RATIO_FROM_BYTES = 1 * MIB
MAX_CELLS = 1_000
"""Cells of a notebook: upgrading an old broken one costs up to 3 ms a cell."""
MAX_JSON_NODES = 200_000
"""Objects and lists of a notebook: each takes up to 400 bytes of memory for 2 bytes of text."""


def size_limit(name: str) -> int:
    """How many bytes the file called `name` may have."""
    return MAX_SOURCE_BYTES if name.lower().endswith(".py") else MAX_FILE_BYTES
