"""The course as a whole: its topics, and the order of its exercises."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import Course, Exercise, load_exercise
from grader.course.scaffold import make_exercise
from grader.course.topics import load_topics
from grader.errors import UserError
from grader.verify.topics import Coverage, coverage, order_findings, topic_findings
from tests.authors import replace_in
from tests.cli.conftest import Grade

_TOPICS = """\
topics:
  - {id: adding, title_en: Adding, title_zh: 加, group: first}
  - {id: doubling, title_en: Doubling, title_zh: 加倍, group: first, facts: [two is twice one]}
  - {id: halving, title_en: Halving, title_zh: 减半, group: second}
"""


@pytest.fixture(name="course")
def _course(course: Course) -> Course:
    """Give a course of two exercises and three topics."""
    make_exercise(course, "ex02_halve", "Halving")
    (course.root / "docs").mkdir()
    (course.root / "docs" / "topics.yaml").write_text(_TOPICS, "utf-8")
    _teach(course, "ex01_double", "adding, doubling")
    _teach(course, "ex02_halve", "halving")
    return course


def _teach(course: Course, name: str, topics: str) -> None:
    path = course.root / "exercises" / name / "exercise.yaml"
    lines = [
        f"topics: [{topics}]" if line.startswith("topics:") else line
        for line in path.read_text("utf-8").splitlines()
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _exercises(course: Course) -> list[Exercise]:
    return [load_exercise(ref) for ref in course.exercises()]


def _said(course: Course) -> list[str]:
    exercises = _exercises(course)
    found = [*topic_findings(load_topics(course), exercises), *order_findings(exercises)]
    return [f"{each.exercise}: {each.text.en}" for each in found]


def test_each_topic_has_one_home(course: Course) -> None:
    """Then nothing is found, and every group is covered."""
    assert _said(course) == []
    groups = coverage(load_topics(course), _exercises(course))
    assert groups == [Coverage("first", 2, 2), Coverage("second", 1, 1)]


def test_topics_of_none_of_two_and_unknown_ones_are_told(course: Course) -> None:
    """And such are not counted as taught."""
    _teach(course, "ex01_double", "doubling, halving, tripling")
    assert _said(course) == [
        "docs/topics.yaml: no exercise teaches adding.",
        "ex02_halve: ex01_double teaches halving already.",
        "ex01_double: docs/topics.yaml has no topic tripling.",
    ]
    groups = coverage(load_topics(course), _exercises(course))
    assert [each.taught for each in groups] == [1, 0]


def test_a_course_may_have_no_list_of_topics(course: Course) -> None:
    """Then its exercises may name whatever they like."""
    (course.root / "docs" / "topics.yaml").unlink()
    assert _said(course) == []


@pytest.mark.parametrize("text", ["topics: 3", "topics:\n  - {id: adding}", "topics: [", ""])
def test_a_list_that_is_none_is_refused(course: Course, text: str) -> None:
    """With its place."""
    (course.root / "docs" / "topics.yaml").write_text(text, "utf-8")
    with pytest.raises(UserError, match=r"topics\.yaml is no list of topics"):
        load_topics(course)


def test_nothing_is_needed_before_it_is_taught(course: Course) -> None:
    """An exercise needs such as come before it; neither itself nor later or unknown ones."""
    paths = [ref.folder / "exercise.yaml" for ref in course.exercises()]
    for path, needs in zip(paths, ("[]", "[ex01_double]"), strict=True):
        path.write_text(f"{path.read_text('utf-8')}needs: {needs}\n", "utf-8")
    assert _said(course) == []
    replace_in(paths[0], "needs: []", "needs: [ex02_halve, ex01_double]")
    assert _said(course) == [
        "ex01_double: it needs ex02_halve, which does not come before it.",
        "ex01_double: it needs ex01_double, which does not come before it.",
    ]


def test_the_command_prints_what_is_covered(course: Course, tmp_path: Path) -> None:
    """Where it looks at the whole course, and only there."""
    grade = Grade(course.root, tmp_path / "state")
    done = grade("verify", "--shard", "9/9")  # none of them is graded
    assert done.code == 0, done.out
    assert [line.split() for line in done.out.splitlines() if "together" in line] == [
        ["together", "3", "3"]
    ]
    assert "together" not in grade("verify", "1", "--shard", "9/9").out
