"""What a course is to teach, as docs/topics.yaml lists it; a course may do without."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course.course import Course
from grader.errors import UserError
from grader.text import Text


@dataclass(frozen=True)
class Topic:
    """One thing to be taught; exercises name it by its id."""

    id: str
    title: Text
    group: str


def load_topics(course: Course) -> list[Topic]:
    """Read the topics in their order; UserError where the file is not as it should be."""
    import yaml  # noqa: PLC0415 - yaml only when needed

    path = course.root / "docs" / "topics.yaml"
    if not path.is_file():
        return []
    try:
        entries = yaml.safe_load(path.read_bytes())
        return [
            Topic(each["id"], Text(each["title_en"], each["title_zh"]), each["group"])
            for each in entries["topics"]
        ]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise UserError(
            Text(f"{path} is no list of topics: {error!r}", f"{path} 不是主题列表：{error!r}"),
            next_step=Text(
                "Each entry of `topics` has id, title_en, title_zh and group.",
                "`topics` 的每一项都要有 id、title_en、title_zh 和 group。",
            ),
        ) from error
