"""Tests of reading what public checks demand."""

from __future__ import annotations

import pytest

from grader.course import Course, public_sentences
from grader.text import Text


def test_each_public_check_has_its_sentence_in_order(course: Course) -> None:
    """The docstring is the English sentence, zh= the Chinese one; nothing is imported."""
    assert public_sentences(course.resolve("ex01_add")) == {
        "test_same_shape": Text(
            "Two tensors of one shape are added element by element.",
            "两个形状相同的张量逐元素相加。",
        ),
        "test_broadcast": Text(
            "Tensors of different shapes are broadcast.", "形状不同的张量按广播规则相加。"
        ),
    }


@pytest.mark.parametrize("source", ["def test_a(:\n", "\0", "(" * 10_000])
def test_a_broken_file_has_none(course: Course, source: str) -> None:
    """What cannot be parsed says nothing and stops nobody."""
    ref = course.resolve("ex01_add")
    ref.public_checks.write_text(source, encoding="utf-8")
    assert public_sentences(ref) == {}


def test_a_missing_file_has_none(course: Course) -> None:
    """No test_public.py, no sentence."""
    ref = course.resolve("ex01_add")
    ref.public_checks.unlink()
    assert public_sentences(ref) == {}
