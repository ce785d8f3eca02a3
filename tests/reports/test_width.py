"""Columns and line breaks of mixed Chinese and English text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.width import cell_width, pad, wrap


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("卷积", 4), ("，（", 4), ("e\u0301", 1), ("", 0)]
)
def test_wide_characters_take_two_columns(text: str, width: int) -> None:
    """A Chinese character counts two columns, a combining mark none."""
    assert cell_width(text) == width
    assert cell_width(pad(text, 8)) == 8


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("the kernel flipped", ["the kernel", "flipped"]),
        ("形状不对，应为三。", ["形状不对，", "应为三。"]),
        ("一二三四五，六", ["一二三四", "五，六"]),
        ("一二三四（五六）", ["一二三四", "（五六）"]),
        ("用torch写", ["用torch写"]),
        ("abcdefghijklm", ["abcdefghij", "klm"]),
        ("", [""]),
        ("    return x", ["    return", "x"]),
    ],
)
def test_lines_break_where_a_reader_expects(text: str, lines: list[str]) -> None:
    """Words stay whole, and no line begins with a Chinese comma or ends with a bracket."""
    assert wrap(text, 10) == lines


@given(st.text(st.sampled_from("ab 卷，（。)")), st.integers(4, 20))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    """Wrapping keeps every character but spaces, within the width."""
    lines = wrap(text, width)
    assert all(cell_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
