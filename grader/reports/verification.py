"""What `grade verify` prints: a table of exercises and aspects, what is wrong, who survived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.text import Lang, Text
from grader.verify.findings import BY_GRADING, Aspect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.verify.course import Verification
    from grader.verify.topics import Coverage

_HEADINGS = {
    Aspect.METADATA: Text("metadata", "元数据"),
    Aspect.FILES: Text("files", "文件"),
    Aspect.TEXTS: Text("READMEs", "说明"),
    Aspect.SECRECY: Text("secrecy", "保密"),
    Aspect.STUB: Text("stub", "练习文件"),
    Aspect.REFERENCE: Text("reference", "参考解答"),
    Aspect.RIGHT: Text("right", "正确解答"),
    Aspect.WRONG: Text("wrong", "错误解答"),
    Aspect.CHECKS: Text("checks", "检查项"),
    Aspect.MUTANTS: Text("mutants", "变异体"),
}


def print_verification(
    found: Verification, console: Console, lang: Lang, *, with_mutants: bool
) -> None:
    """Print the table, then the findings, then the mutants that survived."""
    aspects = [each for each in Aspect if with_mutants or each is not Aspect.MUTANTS]
    table = Table(box=None, pad_edge=False)
    table.add_column(Text("exercise", "练习")[lang])
    for aspect in aspects:
        table.add_column(_HEADINGS[aspect][lang], justify="center")
    for ref in found.exercises:
        marks = (_mark(found, ref.name, aspect) for aspect in aspects)
        table.add_row(ref.name, *marks)
    console.print(table)
    if found.coverage:
        console.print(_coverage(found.coverage, lang))
    for finding in found.findings:
        where = f"{finding.exercise} {_HEADINGS[finding.aspect][lang]}"
        console.print(f"[red]{escape(where)}[/]: {escape(finding.text[lang])}", soft_wrap=True)
    for name, survivors in found.survivors.items():
        for mutant in survivors:
            told = Text("survives", "没有被发现")[lang]
            text = f"{name} {told}: {mutant.line}: {mutant.name}"
            console.print(f"[yellow]{escape(text)}[/]", soft_wrap=True)
    for line in _not_graded(found, lang):
        console.print(line, soft_wrap=True)
    if not found.findings:
        console.print(Text("Everything holds.", "全部成立。")[lang])


def _not_graded(found: Verification, lang: Lang) -> Iterator[str]:
    if found.drafts:
        text = Text("Drafts are graded when they are named: ", "草稿要指名才会评分：")
        yield text[lang] + " ".join(found.drafts)
    if found.elsewhere:
        yield Text("Not in this shard: ", "不在这个分片里：")[lang] + " ".join(found.elsewhere)
    known = {*found.graded, *found.drafts, *found.elsewhere}
    if any(ref.name not in known for ref in found.exercises):
        yield Text("–: not tried, mend the rest first.", "–：尚未验证，请先修好其他问题。")[lang]


def _coverage(groups: Sequence[Coverage], lang: Lang) -> Table:
    table = Table(box=None, pad_edge=False, show_footer=True)
    topics, taught = (
        str(sum(numbers))
        for numbers in zip(*((each.topics, each.taught) for each in groups), strict=True)
    )
    table.add_column(Text("topics", "主题")[lang], Text("together", "合计")[lang])
    table.add_column(Text("all", "总数")[lang], topics, justify="right")
    table.add_column(Text("taught once", "恰好讲一次")[lang], taught, justify="right")
    for each in groups:
        table.add_row(each.group, str(each.topics), str(each.taught))
    return table


def _mark(found: Verification, exercise: str, aspect: Aspect) -> str:
    holds = found.holds(exercise, aspect)
    if holds and aspect in BY_GRADING and exercise not in found.graded:
        return "–"
    if aspect is Aspect.MUTANTS and exercise not in found.tried:
        return "–"
    mark = "✓" if holds else "✗"
    if aspect is Aspect.MUTANTS:
        tried = len(found.tried[exercise])
        mark += f" {tried - len(found.survivors[exercise])}/{tried}"
    return f"[{'green' if holds else 'red'}]{mark}[/]"
