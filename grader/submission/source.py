"""Whether a file can be Python text at all.

It is not parsed here: a hostile file may keep the parser busy or crash it, so that is left to
the sandbox.
"""

from __future__ import annotations

import codecs
import io
import tokenize

from grader.judge.results import Cause

# What people write Python in. Some of the others that Python knows (punycode) take hours for a
# file of 1 MiB.
_ENCODINGS = {
    *("ascii", "utf-8", "utf-8-sig", "iso8859-1", "iso8859-15", "cp1252"),
    *("big5", "gb18030", "gb2312", "gbk"),
}
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SHOWN = 60


def source_problem(data: bytes, file_name: str) -> Cause | None:
    """Why `data` cannot be graded as Python source, without parsing it; None when it may be.

    `not_python` for bytes that are no text in the file's declared encoding (UTF-8 unless its
    first lines say otherwise, PEP 263), `empty_file` for nothing but blanks and comments.
    """
    try:
        text = _decoded(data)
    except ValueError as error:
        return Cause("not_python", {"file": file_name, "message": str(error)})
    if all(not line or line.startswith("#") for line in map(str.strip, text.splitlines())):
        return Cause("empty_file", {"file": file_name})
    return None


def _decoded(data: bytes) -> str:
    """`data` as text; ValueError says in a few words why it is none."""
    if data.startswith(_UTF16_MARKS):
        raise ValueError("UTF-16")
    if b"\0" in data:
        raise ValueError("null bytes")
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        name = codecs.lookup(encoding).name
    except (SyntaxError, LookupError) as error:
        raise ValueError("unknown encoding, or not UTF-8") from error
    if name not in _ENCODINGS:
        raise ValueError(f"encoding {encoding[:_SHOWN]}")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"byte {data[error.start]:#04x} in line {line}: not {name}"
        raise ValueError(message) from error
