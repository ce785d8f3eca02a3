"""A notebook as one Python file: its code cells in order, and which line is which cell's.

    line 1            # -*- coding: utf-8 -*-      a cell cannot declare another encoding
    line 2 ...        the first code cell
    blank line        after each cell, so that an unfinished line does not run into the next
    ...

Cells tagged `no-grade` are left out, and what only IPython understands is replaced (`magics`).
"""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from grader.errors import UserError
from grader.submission.limits import MAX_CELLS, MAX_JSON_NODES, MAX_SOURCE_BYTES
from grader.submission.magics import to_python
from grader.submission.names import shown
from grader.text import Text

NO_GRADE_TAG = "no-grade"
_HEADER = "# -*- coding: utf-8 -*-"


class CellLine(NamedTuple):
    """A place in a notebook, counted as people count: both from 1."""

    cell: int
    """Which code cell; cells of text do not count, cells that are left out do."""
    line: int


@dataclass(frozen=True)
class SourceMap:
    """From lines of the generated source to places in the notebook."""

    starts: tuple[int, ...]
    """The line in which each cell begins, ascending."""
    cells: tuple[int, ...]
    """The cell that begins there."""

    def locate(self, line: int) -> CellLine:
        """The place that became `line` (from 1); the first or last cell for lines outside."""
        index = max(0, bisect_right(self.starts, line) - 1)
        return CellLine(self.cells[index], max(1, line - self.starts[index] + 1))


def read_notebook(data: bytes, name: str) -> tuple[bytes, SourceMap]:
    """The Python source of a notebook (UTF-8) and its map; UserError if it is no notebook."""
    sources = list(_code_cells(_load(data, name), name))
    if not sources:
        raise _refused(
            name,
            Text("has no code cell", "没有代码单元"),
            Text("Write your solution into a code cell.", "请把答案写在代码单元里。"),
        )
    lines, starts, cells = [_HEADER], [], []
    for number, source in enumerate(sources, 1):
        if source is None:
            continue
        starts.append(len(lines) + 1)
        cells.append(number)
        lines += [*source.split("\n"), ""]
    # Half of a surrogate pair is no UTF-8: `source_problem` then says so.
    generated = "\n".join([*lines, ""]).encode("utf-8", "surrogatepass")
    if len(generated) > MAX_SOURCE_BYTES:
        raise _refused(name, Text("holds too much code", "里的代码太多"), _LESS_CODE)
    return generated, SourceMap(tuple(starts or [1]), tuple(cells or [1]))


_LESS_CODE = Text("Keep only the cells of this exercise.", "请只保留本练习的单元。")


def _load(data: bytes, name: str) -> list[Any]:
    """The cells of a notebook of any version, none of them looked at yet."""
    if data.count(b"{") + data.count(b"[") > MAX_JSON_NODES:
        raise _refused(
            name,
            Text("holds too much beside its code", "除代码外的内容太多"),
            Text(
                "Clear its outputs, save it, and hand in again.",
                "请清除所有输出、保存，再重新提交。",
            ),
        )
    import nbformat  # noqa: PLC0415  0.15 s that only notebooks pay
    import nbformat.reader  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it makes up cell ids and warns if two are equal
            # Not nbformat.reads: it validates strictly what Jupyter itself opens with a warning.
            notebook = nbformat.reader.reads(data.decode("utf-8-sig"))  # type: ignore[no-untyped-call]  # nbformat has no types
            _require_few_cells(notebook, name)
            cells = nbformat.convert(notebook, 4)["cells"]  # type: ignore[no-untyped-call]  # the same
    except UserError:
        raise
    except Exception as error:  # it takes hostile JSON on trust, so anything can fail
        raise _broken(name) from error
    if not isinstance(cells, list):
        raise _broken(name)
    return cells


def _require_few_cells(notebook: Any, name: str) -> None:
    sheets = notebook.get("worksheets", [])  # before version 4
    count = len(notebook.get("cells", [])) + sum(len(sheet["cells"]) for sheet in sheets)
    if count > MAX_CELLS:
        raise _refused(
            name,
            Text(f"has more than {MAX_CELLS} cells", f"的单元超过 {MAX_CELLS} 个"),
            _LESS_CODE,
        )


def _code_cells(cells: list[Any], name: str) -> Iterator[str | None]:
    """Each code cell as Python, None for those left out."""
    for cell in cells:
        match cell:
            case {"cell_type": "code", "source": str(source), "metadata": {**metadata}}:
                yield _to_graded(source, metadata, name)
            case {"cell_type": str(other)} if other != "code":
                continue
            case _:
                raise _broken(name)


def _to_graded(source: str, metadata: dict[Any, Any], name: str) -> str | None:
    tags = metadata.get("tags", [])
    if not isinstance(tags, list):
        raise _broken(name)
    if NO_GRADE_TAG in tags:
        return None
    return to_python(source.replace("\r\n", "\n").replace("\r", "\n"))


def _broken(name: str) -> UserError:
    return _refused(
        name,
        Text("is broken or no notebook at all", "已损坏，或根本不是 notebook"),
        Text(
            "Open it in Jupyter, save it, and hand in again; or hand in a .py file.",
            "请在 Jupyter 中打开并重新保存，再提交；也可以提交 .py 文件。",
        ),
    )


def _refused(name: str, why: Text, next_step: Text) -> UserError:
    return UserError(
        Text(f"The notebook {shown(name)} {why.en}.", f"notebook {shown(name)} {why.zh}。"),
        next_step=next_step,
    )
