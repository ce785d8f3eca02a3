"""Tests of reading exercise.yaml."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.course import Course, Exercise, Limits, load_exercise
from grader.errors import UserError
from grader.text import Text

_MINIMAL = "title: {en: a, zh: b}\ntopics: [x]\nminutes: 3\n"
_RULE = "  - kind: forbid\n    sentence: {en: a, zh: b}\n    calls: [torch.add]\n"

Load = Callable[[str], Exercise]


def test_everything_is_read(course: Course) -> None:
    """Each key of exercise.yaml arrives in its field."""
    exercise = load_exercise(course.resolve("ex01_add"))
    assert exercise.name == "ex01_add"
    assert exercise.title == Text("Add two tensors", "两个张量相加")
    assert exercise.topics == ("tensor-arithmetic",)
    assert exercise.minutes == 5
    assert exercise.limits == Limits(5, 10, 30, 1024)
    assert exercise.preload == ("torch",)
    (rule,) = exercise.rules
    assert (rule.kind, rule.calls, rule.inside, rule.penalty) == (
        "forbid",
        ("torch.add",),
        ("add",),
        1,
    )


def test_what_may_be_left_out_has_a_default(load: Load) -> None:
    """Limits, preload and rules may be absent, and so may a rule's place and penalty."""
    exercise = load(_MINIMAL)
    assert (exercise.limits, exercise.preload, exercise.rules) == (Limits(), ("torch",), ())
    (rule,) = load(_MINIMAL + "rules:\n" + _RULE).rules
    assert (rule.inside, rule.penalty) == ((), 0)


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("", 1, "keys and values"),
        ("- a", 1, "keys and values"),
        ("title: [", 2, "not YAML"),
        ("a: 1\n--- \nb: 2", 2, "not YAML"),
        ("!!python/object:os.system x", 1, "keys and values"),
        ("title:\n\ten: a", 2, "spaces, not tabs"),
        ("title: a\n", 1, "'title' must have keys of its own"),
        ("title: {en: a}\n" + _MINIMAL[22:], 1, "'zh' is missing in 'title'"),
        (_MINIMAL.replace("en: a", "en: 1"), 1, "'en' must be text"),
        (_MINIMAL.replace("en: a", "en: ''"), 1, "'en' must be text"),
        ("topics: [x]\n", 1, "'title' is missing"),
        (_MINIMAL + "minuts: 4\n", 4, "did you mean 'minutes'"),
        (_MINIMAL + '"mi\\nnutes\\e": 4\n', 4, r"unknown key 'mi nutes\x1b'"),
        (_MINIMAL + "k" * 500 + ": 4\n", 4, "unknown key 'kkk"),
        (_MINIMAL + "colour: 4\n", 4, "known are title, state"),
        (_MINIMAL + "minutes: 4\n", 4, "'minutes' is here twice"),
        (_MINIMAL.replace("3", "-3"), 3, "greater than 0"),
        (_MINIMAL.replace("3", "0"), 3, "greater than 0"),
        (_MINIMAL.replace("3", ".nan"), 3, "must be a number"),
        (_MINIMAL.replace("3", "1:30"), 3, "must be a number"),
        (_MINIMAL.replace("3", "9" * 5000), 3, "must be a number"),
        (_MINIMAL.replace("3", "yes"), 3, "must be a number"),
        (_MINIMAL.replace("3", "'3'"), 3, "must be a number"),
        (_MINIMAL.replace("[x]", "x"), 2, "must be a list"),
        (_MINIMAL.replace("[x]", "[]"), 2, "must not be empty"),
        (_MINIMAL.replace("[x]", "[x, x]"), 2, "listed twice"),
        (_MINIMAL + "limits: {memory: 1}\n", 4, "did you mean 'memory_mb'"),
        (_MINIMAL + "preload: ['import os']\n", 4, "not a Python name"),
        (_MINIMAL + "rules:\n" + _RULE.replace("forbid", "ban"), 5, "forbid or require"),
        (_MINIMAL + "rules:\n" + _RULE.replace("calls", "call"), 7, "did you mean 'calls'"),
        (_MINIMAL + "rules:\n" + _RULE + "    penalty: -1\n", 8, "0 or more"),
        (_MINIMAL + "preload: &a [torch]\nrules: *a\n", 5, "aliases"),
        (_MINIMAL + "<<: {a: 1}\n", 4, "must be a word"),
        (_MINIMAL + "? [a]\n: 1\n", 4, "must be a word"),
        ("[" * 30_000, 1, "nested too deeply"),
        ("- " * 30_000, 1, "nested too deeply"),
        ("x" * 70_000, 1, "64 KiB"),
        ("\x00", 1, "not YAML"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(
    load: Load, text: str, line: int, complaint: str
) -> None:
    """Whatever is wrong is one sentence with file, line and a next step, in both languages."""
    with pytest.raises(UserError) as caught:
        load(text)
    error = caught.value
    assert f"exercise.yaml:{line}: " in error.message.en
    assert complaint in error.message.en
    assert error.message.en.isprintable()
    assert len(error.message.en.partition("exercise.yaml:")[2]) < 320
    assert f"exercise.yaml:{line}：" in error.message.zh
    assert error.next_step is not None


def test_an_alias_bomb_is_refused_at_once(load: Load) -> None:
    """Nested aliases, which would fill the memory, are not followed."""
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{depth}: &a{depth} [{', '.join([f'*a{depth - 1}'] * 9)}]\n" for depth in range(1, 30)
    )
    with pytest.raises(UserError, match="aliases"):
        load(bomb)


def test_bytes_that_are_no_utf8_are_told_with_their_line(course: Course) -> None:
    """A file in another encoding is refused where it begins to differ."""
    ref = course.resolve("ex01_add")
    (ref.folder / "exercise.yaml").write_bytes("a: 1\ntitle: 张量".encode("gbk"))
    with pytest.raises(UserError, match=r"exercise\.yaml:2: this is not UTF-8"):
        load_exercise(ref)


def test_a_missing_file_is_a_users_error(course: Course) -> None:
    """An exercise without exercise.yaml gives a sentence, not a traceback."""
    ref = course.resolve("ex01_add")
    (ref.folder / "exercise.yaml").unlink()
    with pytest.raises(UserError, match="cannot be read"):
        load_exercise(ref)
