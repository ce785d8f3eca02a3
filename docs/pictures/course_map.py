"""Write the map of the course: `python -m docs.pictures.course_map`.

docs/course-map.md, course-map.zh.md and course-map.svg are made from the exercises themselves; a
test holds the files against them.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.pictures.svg import BLUE, FAINT, INK, PALE_BLUE, SOFT, Drawing
from grader.course import Exercise, find_course, load_exercise
from grader.text import LANGS, Lang, Text

_ROOT = Path(__file__).parent.parent.parent
_PARTS = {
    1: Text("Foundations", "基础"),
    7: Text("Layers", "层"),
    16: Text("Losses", "损失函数"),
    22: Text("Optimisation", "优化"),
    29: Text("Tools and images", "工具与图像"),
    36: Text("Data", "数据"),
    41: Text("TensorBoard", "TensorBoard"),
    43: Text("Training, evaluation, saving, devices", "训练、评估、保存与设备"),
    48: Text("Architectures and transfer", "网络结构与迁移学习"),
    54: Text("Sequences and embeddings", "序列与词嵌入"),
    58: Text("Parallel forms and the capstone", "并行与结课项目"),
}
"""By the number of the first exercise of each part."""
_FILES = {"en": "course-map.md", "zh": "course-map.zh.md"}
_TITLE = Text("The course as a map", "课程地图")
_INTRODUCTION = Text(
    "{exercises} exercises, about {hours} hours, {topics} topics. The number before a name is its\n"
    "place in the course; below the name stand the exercises that it builds on.",
    "{exercises} 个练习，约 {hours} 小时，{topics} 个主题。"
    "名字前面的数是练习在课程里的位置，\n名字下面是它以哪些练习为基础。",
)
_HEADINGS = (
    Text("Exercise", "练习"),
    Text("Title", "标题"),
    Text("Builds on", "前置练习"),
    Text("Minutes", "分钟"),
)
_COLUMNS, _WIDTH, _HEIGHT, _GAP = 5, 172, 40, 12


def parts(exercises: Sequence[Exercise]) -> Iterator[tuple[Text, list[Exercise]]]:
    """The exercises of each part, in order."""
    starts = sorted(_PARTS)
    for part, group in itertools.groupby(
        exercises, lambda each: max(start for start in starts if start <= _number(each.name))
    ):
        yield _PARTS[part], list(group)


def picture(exercises: Sequence[Exercise]) -> Drawing:
    """A box for each exercise, and in it what it builds on; a row or two for each part."""
    rows = [
        (number, group[start : start + _COLUMNS])
        for number, (_, group) in enumerate(parts(exercises), 1)
        for start in range(0, len(group), _COLUMNS)
    ]
    step = _WIDTH + _GAP
    drawing = Drawing(30 + _COLUMNS * step, len(rows) * (_HEIGHT + _GAP), "the exercises in order")
    for place, (part, group) in enumerate(rows):
        y = place * (_HEIGHT + _GAP)
        if place == 0 or rows[place - 1][0] != part:
            drawing.text(8, y + _HEIGHT / 2, str(part), SOFT, size=16)
        for column, exercise in enumerate(group):
            x = 30 + column * step
            drawing.box(x, y, _WIDTH, _HEIGHT, fill=PALE_BLUE, stroke=BLUE, thick=1)
            drawing.text(x + _WIDTH / 2, y + 13, _short(exercise.name), INK, size=11)
            needs = " ".join(str(_number(name)) for name in exercise.needs)
            drawing.text(x + _WIDTH / 2, y + 29, needs, SOFT, size=11)
            if column and group[column - 1].name in exercise.needs:
                drawing.path([(x - _GAP, y + _HEIGHT / 2), (x, y + _HEIGHT / 2)], FAINT, thick=3)
    return drawing


def page(exercises: Sequence[Exercise], lang: Lang) -> str:
    """The map in one language: the picture, then a table for each part."""
    hours = round(sum(each.minutes for each in exercises) / 60)
    topics = sum(len(each.topics) for each in exercises)
    introduction = _INTRODUCTION[lang].format(exercises=len(exercises), hours=hours, topics=topics)
    lines = [f"# {_TITLE[lang]}", "", introduction, "", f"![{_TITLE[lang]}](course-map.svg)"]
    for number, (title, group) in enumerate(parts(exercises), 1):
        lines += ["", f"## {number} {title[lang]}", ""]
        lines += [_row(heading[lang] for heading in _HEADINGS), _row(["---"] * len(_HEADINGS))]
        for each in group:
            readme = each.readme(lang).relative_to(each.course_root).as_posix()
            needs = ", ".join(str(_number(name)) for name in each.needs)
            lines.append(
                _row([f"[{each.name}](../{readme})", each.title[lang], needs, f"{each.minutes:g}"])
            )
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str] | Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(name: str) -> int:
    return int(name[2:].partition("_")[0])


def _short(name: str) -> str:
    return name[2:].replace("_", " ", 1)


def main() -> None:
    """Write the pages and the picture, or below another folder that is named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _ROOT / "docs"
    exercises = [load_exercise(ref) for ref in find_course(_ROOT).exercises()]
    for lang in LANGS:
        (folder / _FILES[lang]).write_text(page(exercises, lang), "utf-8")
    (folder / "course-map.svg").write_text(picture(exercises).render(), "utf-8")


if __name__ == "__main__":
    main()
