"""What `grade similar` prints, and the rows that its pages show as well.

None of its words accuses: that two submissions are alike has many possible reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.reports.visible import one_line
from grader.similarity.exercise import Compared
from grader.similarity.pairs import RARE, THRESHOLD, Pair
from grader.similarity.passages import Passage, passages
from grader.similarity.source import MAX_BYTES, MAX_TOKENS, Why
from grader.similarity.work import Work
from grader.text import Lang, Text

_NAMED = 6
"""Students that one cell names; the page of a pair names all."""

MEANING = Text(
    "Alike does not mean copied. Students may have worked together as they were allowed to, "
    "followed the same source or the same teacher, or the task leaves little choice. Look at it "
    "with your own eyes and talk to them before you decide anything.",
    "相似不等于抄袭：可能是在允许的范围内合作，可能参考了同一份资料、跟同一位老师学过，"
    "也可能题目本身没有多少写法可选。作任何决定之前，请亲自看一看，并和学生谈一谈。",
)
HEADINGS = {
    "exercise": Text("exercise", "练习"),
    "alike": Text("alike", "相似度"),
    "longest": Text("longest passage in lines", "最长相同片段（行）"),
    "students": Text("students", "学生"),
}
_WHY = {
    Why.NOT_PYTHON: Text("it is no Python text", "不是 Python 文本"),
    Why.EMPTY: Text(
        "it holds nothing but blanks, comments and docstrings", "只有空白、注释和文档字符串"
    ),
    Why.TOO_LONG: Text(
        f"it has more than {MAX_BYTES} bytes or {MAX_TOKENS} tokens",
        f"超过 {MAX_BYTES} 字节或 {MAX_TOKENS} 个词元",
    ),
    Why.UNREADABLE: Text("it cannot be read any more", "已无法读取"),
}


@dataclass(frozen=True)
class People:
    """How students are called."""

    names: Mapping[str, str]
    """Of the roster, by id."""

    def side(self, works: Sequence[Work], *, at_most: int | None = _NAMED) -> str:
        """The students of one side of a pair."""
        shown = ", ".join(self.call(work.student) for work in works[:at_most])
        more = len(works) - len(works[:at_most])
        return f"{shown} (+{more})" if more else shown

    def call(self, student: str) -> str:
        """A student's id, with the name if it is known."""
        name = self.names.get(student, "")
        return one_line(f"{student} ({name})" if name and name != student else student)


@dataclass(frozen=True)
class Row:
    """One pair with what it has in common."""

    exercise: str
    pair: Pair
    passages: tuple[Passage, ...]

    @property
    def longest(self) -> int:
        """How many lines the longest passage has."""
        return max((passage.lines for passage in self.passages), default=0)


def rows(compared: Compared) -> Iterator[Row]:
    """The pairs of an exercise, the most alike first."""
    for pair in compared.alike.pairs:
        left, right = pair.left[0], pair.right[0]
        others = [work for work in compared.works if work not in {left, right}]
        yield Row(compared.exercise, pair, tuple(passages(left, right, others)))


def percent(row: Row) -> str:
    """How alike a pair is; 100% is for equal tokens alone."""
    return f"{int(100 * row.pair.share)}%"


def said_of(row: Row, lang: Lang) -> str:
    """What is special about a pair."""
    return Text("the same file", "文件完全相同")[lang] if row.pair.is_same else ""


def print_rows(found: Sequence[Row], people: People, console: Console, lang: Lang) -> None:
    """Print the table, and what it can mean."""
    table = Table(box=None, pad_edge=False)
    table.add_column(HEADINGS["exercise"][lang])
    table.add_column(HEADINGS["alike"][lang], justify="right")
    table.add_column(HEADINGS["longest"][lang], justify="right")
    table.add_column(HEADINGS["students"][lang])
    for row in found:
        sides = f"{people.side(row.pair.left)} – {people.side(row.pair.right)}"
        said = said_of(row, lang)
        names = escape(f"{sides}: {said}" if said else sides)
        table.add_row(row.exercise, percent(row), str(row.longest), names)
    console.print(table)
    console.print(MEANING[lang], soft_wrap=True)


def remarks(compared: Compared, people: People, lang: Lang) -> Iterator[str]:
    """What is to be said of an exercise beside its pairs."""
    for student, why in compared.not_compared.items():
        who = people.call(student)
        yield Text(
            f"not compared: {who} {compared.exercise}: {_WHY[why].en}",
            f"未比较：{who} {compared.exercise}：{_WHY[why].zh}",
        )[lang]
    if len(compared.works) == 1:
        yield Text(
            f"{compared.exercise}: there is only one submission to compare.",
            f"{compared.exercise}：只有一份作业，没有可比较的对象。",
        )[lang]
    elif compared.works and not compared.alike.pairs:
        yield Text(
            f"{compared.exercise}: no two of {len(compared.works)} submissions are alike.",
            f"{compared.exercise}：{len(compared.works)} 份作业中没有相似的。",
        )[lang]
    if compared.alike.left_out:
        count = compared.alike.left_out
        yield Text(
            f"{compared.exercise}: {count} more pairs are alike; only the first are shown.",
            f"{compared.exercise}：还有 {count} 对相似，这里只列出最相似的。",
        )[lang]


def limits_said(lang: Lang) -> str:
    """What makes two submissions count as alike."""
    return Text(
        f"Listed are pairs that have at least {THRESHOLD:.0%} in common, and in it at least as "
        f"much as {RARE:.0f} fingerprints that nobody else has. The stub, names, layout, comments "
        "and docstrings do not count; what many students or the course's own solutions have "
        "counts little.",
        f"列出的每一对至少有 {THRESHOLD:.0%} 相同，而且其中独有的内容不少于 {RARE:.0f} 个指纹。"
        "模板、变量名、排版、注释和文档字符串不参与比较；很多学生都这样写的、"
        "或课程自己的解答里也有的，几乎不计。",
    )[lang]
