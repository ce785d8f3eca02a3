"""Reading what exercise.yaml says about timed tasks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.course import Band, Exercise, TimedTask
from grader.errors import UserError

_HEAD = "title: {en: a, zh: b}\ntopics: [x]\nminutes: 3\ntimed:\n  - check: test_fast\n"

Load = Callable[[str], Exercise]


def test_everything_is_read(load: Load) -> None:
    """Each key arrives in its field."""
    text = "    repeats: 9\n    devices: [cpu]\n    floor: 0.5\n    sizes: [64]\n    bands:\n"
    bands = "      - {within: 2, share: 1}\n      - {within: 5, share: 0.5}\n"
    (task,) = load(_HEAD + text + bands).timed
    expected = (Band(2, 1), Band(5, 0.5))
    assert task == TimedTask("test_fast", (64,), 9, ("cpu",), expected, None, 0.5)


def test_what_may_be_left_out_has_a_default(load: Load) -> None:
    """Then the time is reported alone; `growth` is judged over sizes."""
    (task,) = load(_HEAD).timed
    assert (task.sizes, task.repeats, task.devices) == ((1,), 15, ("cpu", "cuda", "mps"))
    assert (task.bands, task.growth) == ((), None)
    (task,) = load(_HEAD + "    sizes: [10, 20]\n    growth: 1.3\n").timed
    assert (task.sizes, task.growth) == ((10, 20), 1.3)


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("    repeats: 4\n", 6, "whole number from 5 to 100"),
        ("    repeats: 7.5\n", 6, "whole number from 5 to 100"),
        ("    devices: [tpu]\n", 6, "devices are cpu, cuda, mps"),
        ("    sizes: [20, 10]\n", 6, "must rise"),
        ("    sizes: []\n", 6, "must rise"),
        ("    sizes: [a]\n", 6, "must be a number"),
        ("    growth: 1\n", 6, "needs two sizes"),
        ("    bands: [{within: 2, share: 2}]\n", 6, "at most 1"),
        ("    bands: [{within: 2, share: 0}]\n", 6, "greater than 0"),
        (
            "    bands: [{within: 5, share: 1}, {within: 2, share: 0.5}]\n",
            6,
            "slower and earn less",
        ),
        ("    bands: [{within: 2, share: 1}]\n    growth: 1\n", 6, "not both"),
        ("    bands: [{within: 2, share: 1}]\n    sizes: [1, 2]\n", 6, "one size"),
        ("    band: []\n", 6, "did you mean 'bands'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    load: Load, text: str, line: int, complaint: str
) -> None:
    """A task that cannot be meant so is refused before anything is timed."""
    with pytest.raises(UserError) as error:
        load(_HEAD + text)
    assert f"exercise.yaml:{line}: " in error.value.message.en
    assert complaint in error.value.message.en
