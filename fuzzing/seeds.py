"""The inputs that fuzzing starts from, made by code: valid ones of every kind, and some edges."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import torch

from fuzzing.expected import EXPECTED
from fuzzing.targets import COMPARISONS, ENTRY
from grader.wire import messages as m
from grader.wire.codec import encode

_CODE = "%matplotlib inline\nimport torch\n\ndef corr2d(X, K):\n    return X[0] * K\n"
_EXERCISE = """\
title: {en: "Fit a line: slope", zh: 拟合一条直线}
topics: [training-loop, conv]
minutes: 20
limits:
  request_seconds: 10
  check_seconds: 20.5
  submission_seconds: 60
  memory_mb: 1024
preload: [torch, sympy] # a comment
rules:
  - sentence:
      en: Without PyTorch's own.
      zh: 不能调用现成的。
    kind: forbid
    calls: [torch.conv1d, torch.nn.functional.conv1d]
    inside: [corr2d]
    penalty: 3
"""
_SHORT_EXERCISE = "title: {en: Add, zh: 加法}\ntopics: [a]\nminutes: 5\n"


def seeds(target: str) -> list[bytes]:
    """The inputs to start `target` from."""
    return _SEEDS[target]()


def _wire() -> list[bytes]:
    replies: list[m.Reply] = [
        m.Ready("full", ["files", "network"]),
        m.Returned(None),
        m.Raised(
            "ValueError", ["ValueError", "Exception", "object"], "no", [("a.py", 3, "f")], "call"
        ),
        m.Raised("E", [], "", [], "import"),
        m.Missing("corr2d", ["corr2D", "corr"]),
        m.Unsendable("generator"),
        *(kind(value) for kind in (m.Returned, m.Yielded) for value in EXPECTED),
    ]
    return [m.encode_message(reply, number) for number, reply in enumerate(replies)]


def _comparison() -> list[bytes]:
    """Each expected value and what mistakes make of it, before each comparison."""
    inputs = []
    for choice, expected in enumerate(EXPECTED):
        for which in range(len(COMPARISONS)):
            head = bytes([which * (len(EXPECTED) + 1) + choice])
            inputs += [head + encode(value) for value in (expected, *_mistaken(expected), None)]
    for which in range(len(COMPARISONS)):
        head = bytes([which * (len(EXPECTED) + 1) + len(EXPECTED)])
        inputs += [head + encode((value, value)) for value in EXPECTED]
    return inputs


def _mistaken(value: Any) -> list[Any]:
    """What the diagnoses of tensors know: a tensor transposed, negated, shifted ..."""
    if not isinstance(value, torch.Tensor) or value.is_meta or not value.dtype.is_floating_point:
        return []
    wide = value.double()
    many = [-wide, 2 * wide, wide + 1, 0 * wide, wide.flatten(), wide.unsqueeze(0), wide.sum()]
    if value.ndim >= 2 and value.numel():
        many += [wide.mT, wide.flip(0), wide.roll(1, -1), wide.mean(0), wide.softmax(0)]
    return [each.to(value.dtype) for each in many]


def _notebook() -> list[bytes]:
    code: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    text = {"cell_type": "markdown", "metadata": {}, "source": ["# 标题\n", "text"]}
    tagged = {**code, "metadata": {"tags": ["no-grade"]}, "source": "!pip install torch"}
    output = {"output_type": "stream", "name": "stdout", "text": ["out\n"]}
    cells = [text, {**code, "source": _CODE.splitlines(keepends=True), "id": "a1"}, tagged]
    of_4 = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "python3"}}}
    input_of_3 = {"cell_type": "code", "input": _CODE, "language": "python", "metadata": {}}
    cells_of_3 = [
        {**input_of_3, "outputs": [{"output_type": "pyout", "text": "1", "prompt_number": 1}]},
        {"cell_type": "heading", "level": 2, "source": "title", "metadata": {}},
    ]
    sheets = [{"cells": cells_of_3, "metadata": {}}]
    notebooks: list[Any] = [
        {**of_4, "cells": cells},
        {**of_4, "nbformat_minor": 2, "cells": [{**code, "source": "x", "outputs": [output]}]},
        {**of_4, "cells": []},
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": sheets},
        {"nbformat": 2, "metadata": {"name": "n"}, "worksheets": sheets},
        {"nbformat": 1, "cells": [{"cell_type": "code", "code": "x = 1", "prompt_number": 1}]},
    ]
    return [
        json.dumps(each, ensure_ascii=escaped).encode()
        for each in notebooks
        for escaped in (False, True)
    ]


def _magics() -> list[bytes]:
    cells = [
        _CODE,
        "%%time\nx = 1\n",
        "%%bash\nls\n",
        "\n\n%%capture out\nfiles = !ls\n\n?print\nprint??\n",
        "x = [\n%a\n]\ns = '''\n!no\n'''\ny = 1 \\\n%b\n!curl \\\n  x\n'open\n\"a\\\\\" # '\n",
        "中文 = %time f(1)\n  a.b, c[0] = !ls\n",
    ]
    return [cell.encode() for cell in cells]


def _archive() -> list[bytes]:
    code = _CODE.encode()
    many: list[dict[str, bytes]] = [
        {ENTRY: code},
        {f"folder/{ENTRY}": code, "folder/helper.py": b"a = 1\n", "folder/data.csv": b"1,2\n"},
        {"卷积/solution.ipynb": _notebook()[0], "卷积/.hidden": b"", "__MACOSX/._x": b"x"},
        {"a.py": b"", "sub/": b"", "sub/deep/b.txt": b"text"},
        {ENTRY: b"0" * 3000},
        {"/".join(["x" * 200] * 6) + ".py": b"", ENTRY: code},
    ]
    return [_zipped(members, method) for members in many for method in (0, 8, 12)]


def _zipped(members: dict[str, bytes], method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            archive.writestr(info, data)
    return file.getvalue()


def _exercise() -> list[bytes]:
    return [
        _EXERCISE.encode(),
        _SHORT_EXERCISE.encode(),
        _SHORT_EXERCISE.encode("utf-8-sig").replace(b"\n", b"\r\n"),
        _SHORT_EXERCISE.encode("utf-16"),
        b"title: &a {en: x, zh: y}\ntopics: [*a]\nminutes: !!int 5\n<<: {}\n",
        b"? [a, b]\n: |\n  text\n  more\n--- >-\n folded\n...\n",
    ]


def _source() -> list[bytes]:
    return [
        _CODE.encode(),
        b"# -*- coding: gb18030 -*-\nx = '" + "中文".encode("gb18030") + b"'\n",
        b"#!/usr/bin/env python\n# vim: set fileencoding=latin-1 :\nx = '\xe9'\n",
        b"\xef\xbb\xbfx = 1\n",
        b"# coding: punycode\n",
        b"# nothing but a comment\n\n",
        "x = 1\n".encode("utf-16"),
    ]


def _shown() -> list[bytes]:
    texts = [
        "plain 中文 \x1b[31mred\r\n\t",
        "a\u202eb\u2066c\u200f\ufeff",
        "\U000e0041\ufffe\u2028",
    ]
    return [text.encode() for text in texts] + [b"\xff\xed\xa0\x80 no UTF-8"]


_SEEDS = {
    "wire": _wire,
    "comparison": _comparison,
    "notebook": _notebook,
    "magics": _magics,
    "archive": _archive,
    "exercise": _exercise,
    "source": _source,
    "shown": _shown,
}
