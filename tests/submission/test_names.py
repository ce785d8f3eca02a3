"""Which names are accepted."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UserError
from grader.submission.names import (
    is_safe,
    listed,
    require_depth,
    require_distinct,
    require_length,
    require_safe,
    shown,
)
from grader.wire.limits import MAX_PATH


@pytest.mark.parametrize("name", ["a.py", "卷积 层/ex07.py", "émile.py", "a/b c/d.csv", "..a.py"])
def test_ordinary_names_are_safe(name: str) -> None:
    """Spaces, Chinese and accents are fine."""
    assert is_safe(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "/etc/passwd", "../a.py", "a/../b.py", "a//b.py", "./a.py", "a/", ".."),
        *("a\\b.py", "C:/a.py", "c:a.py", "a\0.py", "a\n.py", "a\x1b[2J.py", "a\u202eyp.py"),
        *("a\udcff.py", "x" * 256),
    ],
)
def test_names_that_leave_the_folder_or_deceive_are_refused(name: str) -> None:
    """Absolute names, .., backslashes, drives, control and bidi characters are not safe."""
    assert not is_safe(name)
    with pytest.raises(UserError):
        require_safe(name)


@pytest.mark.parametrize(
    "names",
    [
        ["a.py", "A.py"],
        [unicodedata.normalize("NFC", "é.py"), unicodedata.normalize("NFD", "é.py")],
        ["straße.py", "STRASSE.py"],
        ["x.py", "X.py/y.py"],
    ],
)
def test_names_that_mean_one_file_elsewhere_are_refused(names: list[str]) -> None:
    """Letter case, the encoding of accents, and a file that is also a folder collide."""
    with pytest.raises(UserError, match="same name"):
        require_distinct(names)


def test_distinct_names_pass() -> None:
    """Equal base names in different folders do not collide."""
    names = ["a.py", "b/a.py", "c/a.py"]

    assert require_distinct(names) is None  # type: ignore[func-returns-value]  # it must not raise


def test_depth_is_bounded() -> None:
    """Eight parts pass, nine do not."""
    require_depth("a/b/c/d/e/f/g/h.py")
    with pytest.raises(UserError, match="folders deep"):
        require_depth("a/b/c/d/e/f/g/h/i.py")


def test_length_is_what_the_wire_carries() -> None:
    """1024 characters pass, one more does not, and the sentence says so in both languages."""
    require_length("x" * MAX_PATH)
    with pytest.raises(UserError, match="longer than 1024 characters") as refused:
        require_length("x" * (MAX_PATH + 1))

    assert "1024" in refused.value.message.zh


@settings(deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_a_shown_name_is_one_short_printable_line(name: str) -> None:
    """Whatever the name, what is shown cannot move the cursor or turn the text around."""
    text = shown(name)

    assert len(text) <= 80
    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text)
    assert "\u202e" not in text


def test_a_long_list_is_cut() -> None:
    """At most the given number of names is listed, sorted."""
    assert listed(["b", "a", "c"], limit=2) == "a, b, …"
