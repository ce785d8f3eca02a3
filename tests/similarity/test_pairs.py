"""How alike works are: the measure's own laws, the course's own exercises, whole classes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.similarity import pairs
from grader.similarity.pairs import THRESHOLD, alike, likenesses
from grader.similarity.source import read_source
from grader.similarity.work import Work, make_work
from tests.similarity import copies
from tests.similarity.copies import NO_STUB, likeness, solutions, work

LINES = [
    "total = total + weight * value",
    "result = torch.stack(parts).sum(dim=0)",
    "if len(shape) != 2: raise ValueError('two axes')",
    "for row in range(height): out[row] = image[row] - mean",
    "return (left @ right).reshape(-1, 3)",
    "x = x.clamp(min=0).log().mean()",
]
TEXTS = st.lists(st.sampled_from(LINES), min_size=1, max_size=12).map("\n".join)
CLASSES = st.lists(TEXTS, min_size=2, max_size=5)


def by_student(works: list[Work]) -> dict[frozenset[str], tuple[float, float]]:
    """The likenesses of a class by the two students."""
    return {
        frozenset({works[each.left].student, works[each.right].student}): (each.share, each.rare)
        for each in likenesses(works)
    }


@settings(deadline=None)
@given(CLASSES, st.randoms(use_true_random=False))
def test_the_order_of_students_does_not_matter(texts: list[str], rng: random.Random) -> None:
    """Nor which of two comes first: the same numbers to the last bit."""
    works = [work(str(at), text) for at, text in enumerate(texts)]
    before = by_student(works)
    rng.shuffle(works)
    assert by_student(works) == before


@settings(deadline=None)
@given(CLASSES)
def test_shares_lie_between_nothing_and_all(texts: list[str]) -> None:
    """And are 1 for equal texts, however many others have the same."""
    found = by_student([work(str(at), text) for at, text in enumerate(texts)])
    assert all(0 < share <= 1 for share, _ in found.values())
    for one, other in itertools.combinations(range(len(texts)), 2):
        if texts[one] == texts[other] and work("", texts[one]).marks:
            assert found[frozenset({str(one), str(other)})][0] == 1


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_the_stub_is_nothing(text: str, more: str) -> None:
    """Two who hand in the stub share nothing, nor do one who does and one who wrote more."""
    stub = copies.stub_of(text)
    one, two = work("one", text, stub), work("two", text, stub)
    assert likeness(one, two).share == 0
    assert likeness(one, work("three", f"{text}\n{more}", stub)).share == 0


def test_padding_does_not_hide() -> None:
    """A copy with twice as much below it is still nearly all of the original."""
    text = "\n".join(LINES)
    padded = text + "\n" + "\n".join(f"a{at}.b{at}({at})" for at in range(60))
    one, two = work("one", text), work("two", padded)
    assert len(two.marks) > 2 * len(one.marks)
    assert likeness(one, two).share > 0.9


@pytest.mark.parametrize("exercise", copies.EXERCISES)
def test_independent_solutions_are_not_alike(exercise: str) -> None:
    """No two right solutions of an exercise reach the threshold."""
    stub, texts = solutions(exercise)
    works = [work(str(at), text, stub) for at, text in enumerate(texts)]
    for one, two in itertools.combinations(works, 2):
        others = [each for each in works if each not in {one, two}]
        assert likeness(one, two, *others).share < 0.9 * THRESHOLD


@pytest.mark.parametrize("exercise", copies.EXERCISES)
@pytest.mark.parametrize(
    "change",
    [
        copies.renamed,
        copies.reformatted,
        copies.reordered,
        copies.with_other_docstrings,
        copies.with_comments,
        copies.all_at_once,
    ],
)
def test_changed_copies_are_alike(exercise: str, change: Callable[[str], str]) -> None:
    """Of each right solution, also where the reference and others are known."""
    stub, texts = solutions(exercise)
    works = [work(str(at), text, stub) for at, text in enumerate(texts)]
    for at, text in enumerate(texts):
        copy = work("copy", change(text), stub)
        found = likeness(works[at], copy, *works[:at], *works[at + 1 :])
        assert found.share >= 0.65
        assert found.rare >= 2 * pairs.RARE


def test_half_copies_are_found() -> None:
    """Half of one right solution within another one, nearly always."""
    found = []
    for exercise in copies.EXERCISES:
        stub, texts = solutions(exercise)
        for one, two in itertools.permutations(texts, 2):
            half = work("half", copies.half_copied(one, two), stub)
            found.append(likeness(work("one", one, stub), half).share)
    assert sum(share >= THRESHOLD for share in found) >= 0.95 * len(found)


def test_one_copy_in_a_class_is_the_only_pair() -> None:
    """Forty write by themselves what the task leaves open, and one copies from another."""
    stub = copies.stub_of("import torch\n\n\ndef mean(x):\n    raise NotImplementedError\n")
    rng = random.Random(7)  # noqa: S311 - which lines somebody writes
    texts = [
        "def mean(x):\n"
        + "".join(f"    {line}\n" for line in rng.sample(LINES, 4))
        + "".join(f"    y = x.{rng.choice('abcdef')}({rng.randrange(99)})\n" for _ in range(20))
        for _ in range(40)
    ]
    works = [work(f"s{at:02}", text, stub) for at, text in enumerate(texts)]
    works.append(work("copy", copies.all_at_once(texts[11]), stub))
    found = alike(works).pairs
    assert [(pair.left[0].student, pair.right[0].student) for pair in found] == [("copy", "s11")]


def test_a_short_exercise_accuses_nobody() -> None:
    """Everybody has all in common, which is the task; only equal bytes are told, once."""
    stub = copies.stub_of("def add(a, b):\n    raise NotImplementedError\n\n\ndef last(): ...\n")
    text = "def add({0}, b):\n    {0} = {0} + b\n    return {0}.clamp(min=0)\n\n\ndef last(): ...\n"
    works = [work(f"s{at:02}", text.format(f"x{at}"), stub) for at in range(30)]
    assert min(each.share for each in likenesses(works)) == 1
    assert alike(works).pairs == ()
    source = read_source({"a.py": text.format("x").encode()}, "a.py")
    works += [make_work(f"t{at}", "equal", source, stub) for at in range(3)]
    (pair,) = alike(works).pairs
    assert pair.is_same
    assert [each.student for each in pair.left + pair.right] == ["t0", "t1", "t2"]


def test_equal_bytes_are_one_pair_and_one_side() -> None:
    """Three with the same file, and one with a changed one: two pairs, the equal one first."""
    text = "\n".join(LINES * 2) + "\n" + "\n".join(f"a{at}.b{at}({at})" for at in range(30))
    source = read_source({"a.py": text.encode()}, "a.py")
    works = [make_work(name, "equal", source, NO_STUB) for name in ("carl", "anna", "ben")]
    works.append(work("dora", copies.renamed(text.replace("return ", ""))))
    found = alike(works).pairs
    assert [each.student for each in found[0].left + found[0].right] == ["anna", "ben", "carl"]
    assert [each.student for each in found[1].left] == ["anna", "ben", "carl"]
    assert [each.student for each in found[1].right] == ["dora"]
    assert len(found) == 2


def test_no_more_pairs_than_anybody_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is counted."""
    monkeypatch.setattr(pairs, "MAX_PAIRS", 4)
    monkeypatch.setattr(pairs, "RARE", 0)
    found = alike([work(str(at), "\n".join(LINES) + f"\nx = {at}") for at in range(5)])
    assert (len(found.pairs), found.left_out) == (4, 6)


def test_nobody_or_one_alone() -> None:
    """Nothing to compare is no error."""
    assert alike([]).pairs == ()
    assert alike([work("anna", "\n".join(LINES))]).pairs == ()
