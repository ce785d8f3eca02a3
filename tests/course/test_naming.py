"""Tests of what a typed name means."""

from __future__ import annotations

import pytest

from grader.course.naming import best_match
from grader.errors import UserError

_NAMES = ["ex01_toolbox", "ex07_conv", "ex08_conv_options", "ex10_conv_features", "ex21_loss_ctc"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ex07_conv", "ex07_conv"),
        ("EX07_Conv", "ex07_conv"),
        ("ex7", "ex07_conv"),
        ("ex07", "ex07_conv"),
        ("7", "ex07_conv"),
        ("007", "ex07_conv"),
        ("ex7_conv", "ex07_conv"),
        ("08_conv", "ex08_conv_options"),
        ("ex08-conv-options", "ex08_conv_options"),
        ("conv", "ex07_conv"),
        ("tool", "ex01_toolbox"),
        ("options", "ex08_conv_options"),
        ("ctc", "ex21_loss_ctc"),
        ("exercises/ex07_conv", "ex07_conv"),
        ("exercises/ex07_conv/", "ex07_conv"),
        ("exercises\\ex07_conv\\ex07_conv.py", "ex07_conv"),
        ("/home/me/ex07_conv.py", "ex07_conv"),
        ("ex07_conv/notes.txt", "ex07_conv"),
    ],
)
def test_a_name_means_one_exercise(typed: str, name: str) -> None:
    """Numbers, slugs, parts and paths lead to the exercise that they mean."""
    assert best_match(typed, _NAMES) == name


def test_a_number_is_never_a_part_of_a_name() -> None:
    """The number 1 is exercise 1, although ex10 and ex21 contain it."""
    assert best_match("1", _NAMES) == "ex01_toolbox"
    with pytest.raises(UserError):
        best_match("0", _NAMES)


@pytest.mark.parametrize("typed", ["", "/", "99", "zzzzz", "9" * 5000, "²", "a\x1b[31m", "\udcff"])
def test_an_unknown_name_is_an_error_with_a_next_step(typed: str) -> None:
    """The sentence repeats what was typed, short and without control characters."""
    with pytest.raises(UserError, match="There is no exercise") as caught:
        best_match(typed, _NAMES)
    assert len(caught.value.message.en) < 120
    assert "\x1b" not in caught.value.message.en
    assert caught.value.next_step is not None


def test_near_names_are_suggested() -> None:
    """A typing error leads to the names that are meant, at most three."""
    with pytest.raises(UserError) as caught:
        best_match("covn", _NAMES)
    assert caught.value.next_step is not None
    assert "ex07_conv" in caught.value.next_step.en
    assert caught.value.next_step.zh.count("ex") <= 3


def test_an_ambiguous_part_lists_what_it_fits() -> None:
    """A part of several names is refused with these names."""
    with pytest.raises(UserError, match="ex08_conv_options, ex10_conv_features"):
        best_match("conv_", _NAMES)


def test_a_long_list_of_fitting_names_is_cut() -> None:
    """`ex` fits every exercise; not every one is listed."""
    names = [f"ex{number:02d}_thing" for number in range(1, 60)]
    with pytest.raises(UserError) as caught:
        best_match("ex", names)
    assert len(caught.value.message.en) < 200
