"""The folder of `grade similar`: a list, and for each pair a page with both sides.

It is for staff only, and says so. No script, and nothing from elsewhere: each page's own policy
(CSP) allows its one style element, named by its hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import jinja2
from markupsafe import Markup

from grader.errors import UserError
from grader.reports.similarity import (
    HEADINGS,
    MEANING,
    People,
    Row,
    limits_said,
    percent,
    said_of,
)
from grader.reports.templating import TEMPLATES, environment, policy_hash
from grader.reports.visible import one_line, visible
from grader.similarity.passages import GIVEN, State, states
from grader.similarity.source import Line
from grader.similarity.work import Work
from grader.text import LANGS, Lang, Text

_NOTICE = "FOR_STAFF_ONLY.txt"
"""In each folder that we have written."""
_OURS = re.compile(rf"{_NOTICE}|index\.html|ex[0-9]\w*-[0-9]{{3}}\.html")
_TINTS = 6

_WORDS = {
    "title": Text("Alike submissions", "相似的作业"),
    "staff": Text(
        "For staff only: nothing of this folder is for students.",
        "仅供教师使用：请勿把本文件夹中的任何内容给学生看。",
    ),
    "none": Text("No two submissions are alike.", "没有相似的作业。"),
    "all": Text("all pairs", "全部"),
    "passages": Text("What both have", "相同片段"),
    "passage": Text("passage", "片段"),
    "lines": Text("lines", "行"),
    "length": Text("length in lines", "行数"),
    "others": Text("others who have it", "其他也有的学生"),
    "other_side": Text("show the other side", "看另一边"),
    "given": Text("Grey lines are the stub's.", "灰色的行来自模板。"),
    "to_both": Text(
        "The number beside a passage leads to the other side.", "点击片段旁的编号可跳到另一边。"
    ),
    "remarks": Text("Also", "另外"),
}


@dataclass(frozen=True)
class _Block:
    """Lines one below the other that belong together."""

    tone: str
    places: tuple[tuple[int, bool], ...]
    """The passages that they have a part of, and whether each begins here."""
    file: str
    """To be told above, where a side has several files and this one begins."""
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Side:
    """One side of a page."""

    key: str
    """What its places are called: l or r."""
    other: str
    who: str
    blocks: tuple[_Block, ...]


@dataclass(frozen=True)
class _Common:
    """A passage in the list on top of a page."""

    left: str
    """From which line to which."""
    right: str
    lines: int
    others: int


class Pages:
    """A folder that is being written."""

    def __init__(self, out: Path, people: People, lang: Lang) -> None:
        """Make the folder, or empty it of an earlier run's pages.

        UserError where there is anything else, such as students' reports.
        """
        self._out, self._people, self._lang = out, people, lang
        self._listed: list[tuple[Row, str]] = []
        if out.exists() and not _is_ours(out):
            raise _not_ours(out)
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in out.iterdir():
            old.unlink()
        self._put(_NOTICE, "".join(f"{_WORDS['staff'][each]}\n" for each in LANGS))

    def write(self, row: Row, number: int) -> None:
        """Write the page of a pair, which is the one of that number of its exercise."""
        name = f"{row.exercise}-{number:03}.html"
        self._listed.append((row, name))
        left, right = row.pair.left, row.pair.right
        common = [
            _Common(
                _span(left[0], each.left, each.length),
                _span(right[0], each.right, each.length),
                each.lines,
                each.others,
            )
            for each in row.passages
        ]
        sides = (
            self._side("l", "r", left, [(each.left, each.length) for each in row.passages]),
            self._side("r", "l", right, [(each.right, each.length) for each in row.passages]),
        )
        page = self._render("similarity_pair", row=row, common=common, sides=sides)
        self._put(name, page)

    def close(self, remarks: Sequence[str]) -> None:
        """Write the list."""
        listed = sorted(self._listed, key=lambda each: (-each[0].pair.share, each[1]))
        self._put("index.html", self._render("similarity_index", listed=listed, remarks=remarks))

    def _side(
        self, key: str, other: str, works: Sequence[Work], runs: Sequence[tuple[int, int]]
    ) -> _Side:
        blocks = tuple(_blocks(works[0], states(works[0], runs)))
        return _Side(key, other, self._people.side(works, at_most=None), blocks)

    def _render(self, template: str, **data: object) -> str:
        style = _style()
        lang = self._lang
        return (
            _environment()
            .get_template(f"{template}.html.j2")
            .render(
                lang=lang,
                style=Markup(style),  # noqa: S704 - our own files, and its hash covers just this text
                style_hash=policy_hash(style),
                say=lambda key: (_WORDS | HEADINGS)[key][lang],
                side=self._people.side,
                percent=percent,
                said_of=lambda row: said_of(row, lang),
                meaning=MEANING[lang],
                limits=limits_said(lang),
                **data,
            )
        )

    def _put(self, name: str, page: str) -> None:
        with (self._out / name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(page)


def _blocks(work: Work, found: Sequence[State]) -> Iterator[_Block]:
    """Cut a side where a passage or a file begins or ends."""
    several = len({line.file for line in work.source.lines}) > 1
    seen: set[int] = set()
    file = ""
    pairs = zip(found, work.source.lines, strict=True)
    for (state, name), group in groupby(pairs, key=lambda pair: (pair[0], pair[1].file)):
        numbers = () if state == GIVEN else state
        tone = "given" if state == GIVEN else f"tint{numbers[0] % _TINTS}" if numbers else "own"
        begins = name if several and name != file else ""
        places = tuple((number, number not in seen) for number in numbers)
        yield _Block(tone, places, begins, tuple(line for _, line in group))
        seen.update(numbers)
        file = name


def _span(work: Work, start: int, length: int) -> str:
    places = [work.source.tokens[at].line for at in (start, start + length - 1)]
    first, last = (work.source.lines[place].number for place in places)
    return f"{first}–{last}" if first != last else f"{first}"


def _is_ours(out: Path) -> bool:
    """Whether a folder is empty, or holds nothing but our own pages."""
    if out.is_symlink() or not out.is_dir():
        return False
    files = list(out.iterdir())
    return not files or (
        out / _NOTICE in files
        and all(file.is_file() and _OURS.fullmatch(file.name) for file in files)
    )


def _not_ours(out: Path) -> UserError:
    name = one_line(str(out))
    return UserError(
        Text(
            f"{name} holds something else, and these pages need a folder of their own.",
            f"{name} 里有别的东西，而这些页面需要单独的文件夹。",
        ),
        Text("Name another folder, which students cannot see.", "请换一个学生看不到的文件夹。"),
    )


@cache
def _style() -> str:
    return "".join(
        (TEMPLATES / name).read_text("utf-8") for name in ("report.css", "similarity.css")
    )


@cache
def _environment() -> jinja2.Environment:
    made = environment()
    made.filters |= {"visible": visible, "one_line": one_line}
    return made
