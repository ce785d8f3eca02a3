"""Notebooks as Python source."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import UserError
from grader.submission.limits import MAX_SOURCE_BYTES
from grader.submission.notebook import SourceMap, read_notebook

MakeNotebook = Callable[..., bytes]
CODE = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []}
TEXT = {"cell_type": "markdown", "metadata": {}, "source": "# Title"}


def _notebook(*cells: Any, **fields: Any) -> bytes:
    content = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": list(cells)}
    return json.dumps(content | fields).encode()


def test_code_cells_become_one_source_in_order(notebook: MakeNotebook) -> None:
    """Cells follow each other with a blank line between, magics replaced."""
    source, _ = read_notebook(notebook("import torch\n%pwd", "x = 1"), "a.ipynb")

    assert source == b"# -*- coding: utf-8 -*-\nimport torch\npass\n\nx = 1\n\n"


def test_lines_lead_back_to_their_cells(notebook: MakeNotebook) -> None:
    """Cells are counted as people see them: code cells only, dropped ones included."""
    data = notebook("a = 1\nb = 2", "%%bash\nls", "c = 3\n\nd = 4")
    source, source_map = read_notebook(data, "a.ipynb")
    lines = source.decode().split("\n")

    assert source_map.locate(lines.index("b = 2") + 1) == (1, 2)
    assert source_map.locate(lines.index("d = 4") + 1) == (3, 3)
    assert b"ls" not in source


def test_lines_outside_are_put_into_the_nearest_cell() -> None:
    """The header belongs to the first cell, and whatever comes last to the last."""
    source_map = SourceMap(starts=(2, 5), cells=(1, 4))

    assert source_map.locate(1) == (1, 1)
    assert source_map.locate(5) == (4, 1)
    assert source_map.locate(9) == (4, 5)


def test_cells_tagged_no_grade_are_left_out(notebook: MakeNotebook) -> None:
    """A tag keeps a slow demonstration out of grading."""
    data = notebook("x = 1", "train_for_hours()", "y = 2", tags={2: ["no-grade"], 3: ["other"]})
    source, source_map = read_notebook(data, "a.ipynb")

    assert b"train_for_hours" not in source
    assert source_map.locate(4) == (3, 1)


def test_only_python_line_ends_count() -> None:
    """Windows line ends are one line end, and a line separator in a string is none."""
    data = _notebook(CODE | {"source": "a = 1\r\nb = '\u2028'\rc = 3"})
    source, source_map = read_notebook(data, "a.ipynb")

    assert source.decode().split("\n")[1:4] == ["a = 1", "b = '\u2028'", "c = 3"]
    assert source_map.locate(4) == (1, 3)


def test_a_declared_encoding_in_a_cell_has_no_effect() -> None:
    """A notebook is UTF-8 whatever a line copied from a .py file says."""
    data = _notebook(CODE | {"source": "# -*- coding: latin-1 -*-\nname = '卷积'"})
    names: dict[str, str] = {}

    exec(compile(read_notebook(data, "a.ipynb")[0], "a", "exec"), names)  # noqa: S102  own code

    assert names["name"] == "卷积"


def test_old_versions_are_upgraded() -> None:
    """Notebooks of version 3 keep their cells in worksheets."""
    cell: dict[str, Any] = {"cell_type": "code", "language": "python", "metadata": {}}
    cell |= {"input": ["x = 1\n", "y = 2"], "outputs": []}
    data = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}

    assert read_notebook(json.dumps(data).encode(), "a.ipynb")[0].endswith(b"x = 1\ny = 2\n\n")


@pytest.mark.parametrize(
    "data",
    [
        _notebook(CODE | {"surplus": 1}, surplus={}),
        _notebook(CODE, TEXT, {"cell_type": "raw", "metadata": {}, "source": ""}),
        _notebook({key: CODE[key] for key in ("cell_type", "metadata", "source")}),
        b"\xef\xbb\xbf" + _notebook(CODE),
    ],
)
def test_what_jupyter_opens_is_accepted(data: bytes) -> None:
    """Surplus fields, missing outputs, other cells and a byte order mark do no harm."""
    assert b"x = 1" in read_notebook(data, "a.ipynb")[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"print(1)",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"[" * 150_000,
        b'{"a":' * 150_000,
        b'{"nbformat": ' + b"9" * 5000 + b"}",
        _notebook(nbformat=5),
        _notebook(nbformat=[]),
        _notebook(nbformat=-1),
        _notebook(nbformat=3),
        _notebook(nbformat=1e308),
        _notebook(cells=None),
        _notebook(cells={"a": 1}),
        _notebook(CODE, None),
        _notebook(CODE, "text"),
        _notebook({"cell_type": ["code"]}),
        _notebook({"cell_type": "code"}),
        _notebook(CODE | {"source": 5}),
        _notebook(CODE | {"source": [1, 2]}),
        _notebook(CODE | {"metadata": "text"}),
        _notebook(CODE | {"metadata": {"tags": 7}}),
    ],
)
def test_broken_notebooks_are_a_sentence(data: bytes) -> None:
    """No JSON, nested too deep, the wrong version or shape: one sentence names the file."""
    with pytest.raises(UserError, match=r"a\.ipynb is broken") as caught:
        read_notebook(data, "a.ipynb")

    assert "a.ipynb" in caught.value.message.zh
    assert caught.value.next_step is not None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (_notebook(), "no code cell"),
        (_notebook(TEXT), "no code cell"),
        (_notebook(CODE, metadata={"x": [[]] * 200_001}), "beside its code"),
        (_notebook(*[CODE] * 1001), "more than 1000 cells"),
        (_notebook(CODE | {"source": "#" * MAX_SOURCE_BYTES}), "too much code"),
    ],
    ids=["none", "text", "nodes", "cells", "code"],
)
def test_empty_and_oversized_notebooks_are_a_sentence(data: bytes, sentence: str) -> None:
    """A notebook without code or with too much of anything is refused with the reason."""
    with pytest.raises(UserError, match=sentence):
        read_notebook(data, "a.ipynb")


def test_half_a_character_is_left_to_the_source_check() -> None:
    """JSON can hold half a surrogate pair: no Python text, and no error of intake either."""
    source, _ = read_notebook(_notebook(CODE | {"source": "x = '\ud800'"}), "a.ipynb")

    with pytest.raises(UnicodeDecodeError):
        source.decode()


def _is_read_or_refused(data: bytes) -> bool:
    try:
        source, source_map = read_notebook(data, "a.ipynb")
    except UserError:
        return True
    return len(source) <= MAX_SOURCE_BYTES and source_map.locate(1).cell >= 1


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_notebook_or_a_sentence(data: bytes) -> None:
    """Whatever the bytes, nothing but UserError is raised."""
    assert _is_read_or_refused(data)


KEYS = st.sampled_from(
    [
        *("nbformat", "nbformat_minor", "metadata", "cells", "worksheets", "cell_type"),
        *("source", "input", "outputs", "tags", "level", "id", "code"),
    ]
)
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 6)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["code", "markdown", "heading"])
)
JSON = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    version=st.integers(1, 4) | JSON,
    cell=st.dictionaries(KEYS, JSON, max_size=5),
    top=st.dictionaries(KEYS, JSON, max_size=3),
)
def test_any_json_is_a_notebook_or_a_sentence(
    version: Any, cell: dict[str, Any], top: dict[str, Any]
) -> None:
    """Notebooks of any version with any values anywhere raise nothing but UserError."""
    cells = [cell, CODE | cell]
    content = {"nbformat": version, "cells": cells, "worksheets": [{"cells": cells}]} | top

    assert _is_read_or_refused(json.dumps(content).encode())
