"""The course as a whole: every topic is taught once, and nothing before what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.course import Exercise
from grader.course.topics import Topic
from grader.text import Text
from grader.verify.findings import Aspect, Finding


@dataclass(frozen=True)
class Coverage:
    """How much of a group of topics is taught."""

    group: str
    topics: int
    taught: int


def coverage(topics: Sequence[Topic], exercises: Sequence[Exercise]) -> list[Coverage]:
    """Count the topics of each group that exactly one exercise teaches, in the file's order."""
    homes = _homes(exercises)
    taught: dict[str, list[bool]] = {}
    for topic in topics:
        taught.setdefault(topic.group, []).append(len(homes.get(topic.id, ())) == 1)
    return [Coverage(group, len(each), sum(each)) for group, each in taught.items()]


def topic_findings(topics: Sequence[Topic], exercises: Sequence[Exercise]) -> Iterator[Finding]:
    """Topics that no exercise teaches or more than one, and such that nobody knows."""
    homes = _homes(exercises)
    for topic in topics:
        names = homes.pop(topic.id, [])
        if not names:
            yield _finding(
                "docs/topics.yaml", f"no exercise teaches {topic.id}.", f"没有练习讲 {topic.id}。"
            )
        for name in names[1:]:
            yield _finding(
                name, f"{names[0]} teaches {topic.id} already.", f"{names[0]} 已经讲过 {topic.id}。"
            )
    for unknown, names in homes.items() if topics else ():
        yield _finding(
            names[0],
            f"docs/topics.yaml has no topic {unknown}.",
            f"docs/topics.yaml 里没有主题 {unknown}。",
        )


def order_findings(exercises: Sequence[Exercise]) -> Iterator[Finding]:
    """Exercises that need one which does not come before them."""
    before: set[str] = set()
    for exercise in exercises:
        for name in exercise.needs:
            if name not in before:
                yield _finding(
                    exercise.name,
                    f"it needs {name}, which does not come before it.",
                    f"它需要 {name}，但后者不在它之前。",
                )
        before.add(exercise.name)


def _homes(exercises: Sequence[Exercise]) -> dict[str, list[str]]:
    homes: dict[str, list[str]] = {}
    for exercise in exercises:
        for topic in exercise.topics:
            homes.setdefault(topic, []).append(exercise.name)
    return homes


def _finding(exercise: str, en: str, zh: str) -> Finding:
    return Finding(exercise, Aspect.METADATA, Text(en, zh))
