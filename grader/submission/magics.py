"""What IPython understands in a cell and Python does not, replaced line by line.

    %name ...   !command   ?name   name?   x = %name ...   x = !command    ->  pass
    %%time   %%capture     run the rest of the cell in the notebook: the rest is kept
    %%name   (any other)   does something else with it: the whole cell is dropped

The number of lines never changes. The code is not parsed, because that is left to the sandbox;
a small scan tells which lines start a statement, so that a `%` that continues an expression and
text inside a string stay as they are.
"""

from __future__ import annotations

import re

_KEPT_CELL_MAGICS = ("time", "capture")
_CELL_MAGIC = re.compile(r"%%(\w*)")
_LINE_MAGIC = re.compile(
    # No alternative begins with a blank, or a line of a million blanks would be read as often.
    r"""(?P<indent>[ \t]*)
    (?: [%!?]                               # %matplotlib inline, !pip install, ?print
      | [\w.*]+\?\??[ \t]*$                 # print?
      | \w[\w.,* \t]*=[ \t]*[%!]           # files = !ls
    )""",
    re.VERBOSE,
)
_MARK = re.compile(r"'''|\"\"\"|['\"#()\[\]{}]|\\.?")


def to_python(cell: str) -> str | None:
    """The cell as Python with as many lines; None when its cell magic drops it.

    `cell` has no line ends but newlines.
    """
    lines = cell.split("\n")
    for number, line in enumerate(lines):
        magic = _CELL_MAGIC.match(line)
        if magic and magic[1] not in _KEPT_CELL_MAGICS:
            return None
        if magic:
            lines[number] = ""
        elif line.strip():
            break
    return "\n".join(_without_line_magics(lines))


def _without_line_magics(lines: list[str]) -> list[str]:
    scan = _Scan()
    is_continued = False
    result = []
    for line in lines:
        magic = _LINE_MAGIC.match(line) if scan.is_between_statements else None
        if is_continued:
            result.append("")
            is_continued = line.endswith("\\")
        elif magic:
            result.append(magic["indent"] + "pass")
            is_continued = line.endswith("\\")
        else:
            result.append(line)
            scan.read(line)
    return result


class _Scan:
    """Whether the next line starts a statement: outside strings, brackets and continued lines."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0
        self._is_continued = False

    @property
    def is_between_statements(self) -> bool:
        return not (self._quote or self._depth or self._is_continued)

    def read(self, line: str) -> None:
        """Read one line without its newline."""
        self._is_continued = False
        for match in _MARK.finditer(line):
            mark = match.group()
            if mark == "#" and not self._quote:
                break
            self._is_continued = mark == "\\"
            self._read_mark(mark)
        if len(self._quote) == 1 and not self._is_continued:
            self._quote = ""  # an unclosed string ends with its line, as a syntax error

    def _read_mark(self, mark: str) -> None:
        if self._quote:
            if mark.startswith(self._quote):
                self._quote = ""
        elif mark[0] in "'\"":
            self._quote = mark
        elif mark in "([{":
            self._depth += 1
        elif mark in ")]}":
            self._depth = max(0, self._depth - 1)
