"""The report as GitHub-flavoured Markdown, for the summary of a CI step.

Everything that a student may have chosen stands in code: in a code span, or in a fenced block where
each line begins with a sign of ours. So nothing in it becomes markup, a link, a mention, HTML or a
log command (`::name::`, `##[name]`). Sentences of the course's authors are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from grader.judge.results import SubmissionResult
from grader.reports.details import Detail
from grader.reports.messages import label
from grader.reports.plain import disarm
from grader.reports.view import (
    CheckView,
    Group,
    RuleView,
    Tone,
    View,
    build_view,
    spans,
)
from grader.text import Lang

_SIGNS: dict[Tone, str] = {"good": "✅", "bad": "❌", "idle": "⏸️", "excused": "⚠️"}


def render(result: SubmissionResult, lang: Lang) -> str:
    """The result as Markdown that ends with a newline."""
    view = build_view(result, lang)
    blocks = [*_head(view)]
    for group in view.groups:
        blocks += _group(group, view)
    blocks += [*_rules(view), *_foot(view)]
    return disarm("\n\n".join(blocks) + "\n")


def escaped(text: str) -> str:
    """A sentence as Markdown: code in code spans, every other sign of markup taken literally."""
    return "".join(_code(piece) if is_code else _literal(piece) for piece, is_code in spans(text))


def _literal(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]#|~:@$])", r"\\\1", text)


def _code(text: str) -> str:
    """A code span whose fence is longer than any run of backticks within."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    inner = text.replace("|", "\\|")  # a bar ends a table cell even in code
    gap = " " if "`" in text or not text.strip() else ""
    return f"{fence}{gap}{inner}{gap}{fence}"


def _fenced(lines: Iterable[str]) -> str:
    """A block of literal lines, safe whatever backticks they hold."""
    text = "\n".join(lines)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _head(view: View) -> Iterator[str]:
    yield f"## {_SIGNS[view.tone]} {escaped(view.title)} ({_code(view.exercise)})"
    yield f"**{_literal(view.score)}** · {_literal(view.counted)} · {_code(view.submission)}"
    if view.problem is not None:
        yield f"### {label('problem', view.lang)}"
        yield _details([view.problem])


def _group(group: Group, view: View) -> Iterator[str]:
    lang = view.lang
    yield f"### {group.heading}"
    head = " | ".join((label("result", lang), label("check", lang), label("points_heading", lang)))
    rows = [f"| {head} |", "| :-- | :-- | --: |"]
    for check in group.checks:
        result = f"{_SIGNS[check.mark.tone]} {_literal(check.mark.name)}"
        rows.append(f"| {result} | {escaped(check.sentence)} | {check.worth} |")
    yield "\n".join(rows)
    if view.problem is None:
        for check in group.checks:
            yield from _below(check, view)


def _below(check: CheckView, view: View) -> Iterator[str]:
    """What is said about a check that did not pass."""
    lang = view.lang
    if not check.details and not check.timing:
        return
    yield f"#### {_SIGNS[check.mark.tone]} {escaped(check.sentence)}"
    if check.details:
        yield _details(check.details)
    if check.timing:
        bars = (f"{name}  {bar}" for name, bar in check.timing.bars)
        yield _fenced([*check.timing.lines, *bars])
    if check.hint:
        yield f"> **{label('hint', lang)}**{label('colon', lang)}{escaped(check.hint)}"
    if check.output:
        yield f"{label('output', lang)}{label('colon', lang)}".rstrip()
        yield _fenced(f"| {line}".rstrip() for line in check.output)


def _details(details: Iterable[Detail]) -> str:
    lines = []
    for detail in details:
        lines += [f"| {line}" for line in detail.trace]
        lines += [f"- {sentence}" for sentence in detail.sentences]
    return _fenced(lines)


def _rules(view: View) -> Iterator[str]:
    if not view.rules:
        return
    yield f"### {label('rules', view.lang)}"
    for rule in view.rules:
        yield _rule(rule)
        if rule.details:
            yield _details(rule.details)


def _rule(rule: RuleView) -> str:
    lost = f" **{_literal(rule.lost)}**" if rule.lost else ""
    return f"{_SIGNS[rule.mark.tone]} {_literal(rule.mark.name)}{lost} · {escaped(rule.sentence)}"


def _foot(view: View) -> Iterator[str]:
    lang = view.lang
    yield f"**{label('next', lang)}**{label('colon', lang)}{escaped(view.next_step)}"
    facts = [f"{name}{label('colon', lang)}{_code(value)}" for name, value in view.conditions]
    yield " · ".join(facts)
    if view.notes:
        yield _fenced(f"- {note}" for note in view.notes)
