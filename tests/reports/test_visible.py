"""Nothing that a student prints stays invisible."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports import visible
from grader.reports.visible import is_unsafe, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ASCII, 中文，ñ, 😀\n\ttabs", "plain ASCII, 中文，ñ, 😀\n\ttabs"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b2J\x7f\x00", "\\x9b2J\\x7f\\x00"),
        ("a\u202eb\u2066c\u200fd", "a\\u202eb\\u2066c\\u200fd"),
        ("zero\u200bwidth\ufeff\u00ad\u2060", "zero\\u200bwidth\\ufeff\\xad\\u2060"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("filler\u3164", "filler\\u3164"),
        ("lone \ud800", "lone \\ud800"),
        ("line\u2028sep", "line\\u2028sep"),
        ("windows\r\nbar\rback", "windows\nbar\\x0dback"),
    ],
)
def test_invisible_characters_are_written_out(text: str, shown: str) -> None:
    """Controls, escapes, bidi and zero-width characters appear as Python escapes."""
    assert visible(text) == shown


def test_long_text_is_cut_and_the_cut_is_counted() -> None:
    """A long text shows its start and says how many characters are missing."""
    assert visible("x" * 1000, limit=10) == "x" * 10 + "… (+990)"
    assert visible("x" * 10, limit=10) == "x" * 10


@given(st.text(st.characters(exclude_categories=())))
def test_result_is_safe_whatever_the_text(text: str) -> None:
    """No text keeps an unsafe character, and all of it can be encoded."""
    shown = visible(text)
    assert not [each for each in shown if each not in "\n\t" and is_unsafe(each)]
    assert shown.encode().decode() == shown


def test_every_character_that_xml_forbids_is_unsafe() -> None:
    """What visible() lets through may stand in XML 1.0."""
    for code in range(sys.maxunicode + 1):
        allowed = (
            code in (0x9, 0xA, 0xD)
            or 0x20 <= code <= 0xD7FF
            or 0xE000 <= code <= 0xFFFD
            or code >= 0x10000
        )
        assert allowed or is_unsafe(chr(code)), hex(code)


def test_one_line_keeps_spaces_within() -> None:
    """Line breaks and tabs become one space each run; other spaces stay as they are."""
    assert one_line("  a  b\n\t c\td ") == "a  b c d"
