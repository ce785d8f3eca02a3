"""Whether bytes can be Python text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.submission import source_problem

NAME = "ex07_conv.py"


@pytest.mark.parametrize(
    "data",
    [
        b"x = 1\n",
        b"\xef\xbb\xbfx = 1\r\n",
        b"x = 1\ry = 2\r",
        "名字 = 1".encode(),
        "# -*- coding: gbk -*-\n名字 = 1".encode("gbk"),
        b"#!/usr/bin/python\n# vim: set fileencoding=latin-1 :\nx = '\xe9'",
        b"def f(:\n",
    ],
)
def test_text_is_no_problem_even_with_syntax_errors(data: bytes) -> None:
    """UTF-8, a byte order mark, any line ends and declared encodings are accepted."""
    assert source_problem(data, NAME) is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = 1\0", "null bytes"),
        ("x = 1".encode("utf-16"), "UTF-16"),
        (b"x = 1\ny = 2\nz = '\xff'\n", "byte 0xff in line 3: not utf-8"),
        (b"# coding: klingon\nx = 1", "unknown encoding, or not UTF-8"),
        (b"# coding: punycode\nx = 1", "encoding punycode"),
        (b"# coding: zlib\nx = 1", "encoding zlib"),
        (b"# coding: " + b"a" * 5000, "unknown encoding, or not UTF-8"),
    ],
)
def test_what_is_no_text_is_named(data: bytes, message: str) -> None:
    """Null bytes, wrong bytes and odd encodings are `not_python` with the reason."""
    cause = source_problem(data, NAME)

    assert cause is not None
    assert (cause.kind, dict(cause.data)) == ("not_python", {"file": NAME, "message": message})


@pytest.mark.parametrize("data", [b"", b"\n \t\r\n", b"# nothing yet\n", b"\xef\xbb\xbf# a\r\n"])
def test_nothing_but_blanks_and_comments_is_empty(data: bytes) -> None:
    """A file without any code is `empty_file`."""
    cause = source_problem(data, NAME)

    assert cause is not None
    assert (cause.kind, dict(cause.data)) == ("empty_file", {"file": NAME})


@settings(deadline=None)
@given(st.one_of(st.binary(), st.binary().map(lambda tail: b"# coding: " + tail)))
def test_any_bytes_give_an_answer(data: bytes) -> None:
    """Whatever the bytes, the answer is a known cause or None."""
    cause = source_problem(data, NAME)

    assert cause is None or cause.kind in {"not_python", "empty_file"}
