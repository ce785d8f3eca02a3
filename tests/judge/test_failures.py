"""CheckFailed reads well where only its text is shown."""

from __future__ import annotations

from grader.judge.failures import CheckFailed
from grader.judge.results import Cause


def test_text_names_kinds_and_data() -> None:
    """The text is made of the kinds and their data, the most telling first."""
    failure = CheckFailed(
        [Cause("shape", {"expected": "(3, 4)", "got": "(4, 3)"}), Cause("looks_transposed")]
    )

    assert str(failure) == "shape: expected (3, 4), got (4, 3); looks transposed"
    assert isinstance(failure, AssertionError)


def test_numbers_that_differ_late_look_different() -> None:
    """As many digits are shown as it takes to tell expected and got apart."""
    failure = CheckFailed([Cause("values", {"expected": 1.0, "got": 1.00000001})])

    assert str(failure) == "values: expected 1, got 1.00000001"


def test_mistake_is_told_in_the_words_of_its_author() -> None:
    """A named mistake shows its English sentence only."""
    assert str(CheckFailed([Cause("mistake", {"en": "Flipped.", "zh": "翻转了。"})])) == "Flipped."


def test_text_stays_one_short_visible_line() -> None:
    """What a submission returned can neither break the line nor flood the terminal."""
    text = str(CheckFailed([Cause("value", {"got": "a\n\x1b[2J" + "b" * 10_000})]))

    assert text.isprintable()
    assert len(text) <= 500
