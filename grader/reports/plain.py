"""The report as plain lines, for pipes and logs: no colour, no box, no wrapping.

Every line with text that a student may have chosen begins with a word or a sign of ours, and
`##[` and `##vso[` are taken apart: a CI system must not find a command in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.reports.details import Detail
from grader.reports.messages import label
from grader.reports.view import CheckView, RuleView, View
from grader.reports.visible import one_line
from grader.reports.width import cell_width, pad


def render(view: View, saved: Sequence[Path] = ()) -> str:
    """The report as text that ends with a newline."""
    lines = [*_head(view), *_checks(view), *_rules(view), *_foot(view, saved)]
    return disarm("\n".join(line.rstrip() for line in lines) + "\n")


def disarm(text: str) -> str:
    """Text without the signs that begin a log command anywhere in a line: ##[ and ##vso[."""
    return re.sub(r"##(?=\w*\[)", "# #", text)


def _head(view: View) -> Iterator[str]:
    colon = label("colon", view.lang)
    yield f"{label('report', view.lang)}{colon}{view.title} ({view.exercise})"
    yield f"{label('submission', view.lang)}{colon}{view.submission}"
    if view.problem is not None:
        yield ""
        yield f"FAIL  {label('problem', view.lang)}"
        yield from _details([view.problem])


def _checks(view: View) -> Iterator[str]:
    checks = [check for group in view.groups for check in group.checks]
    names = max((cell_width(check.mark.name) for check in checks), default=0)
    worths = max((len(check.worth) for check in checks), default=0)
    for group in view.groups:
        yield ""
        yield f"{group.heading}{label('colon', view.lang)}{group.score}"
        for check in group.checks:
            columns = (
                check.mark.ascii.ljust(4),
                pad(check.mark.name, names),
                check.worth.rjust(worths),
            )
            yield "  ".join((*columns, check.sentence))
            if view.problem is None:
                yield from _below(check, view)


def _below(check: CheckView, view: View) -> Iterator[str]:
    colon = label("colon", view.lang)
    yield from _details(check.details)
    if check.hint:
        yield f"      {label('hint', view.lang)}{colon}{check.hint}"
    if check.output:
        yield f"      {label('output', view.lang)}{colon}"
    for line in check.output:
        yield f"      | {line}"
    if check.timing:
        yield from (f"      - {line}" for line in check.timing.lines)
        width = max(cell_width(name) for name, _ in check.timing.bars)
        yield from (f"      {pad(name, width)}  {bar}" for name, bar in check.timing.bars)


def _details(details: Iterable[Detail]) -> Iterator[str]:
    for detail in details:
        yield from (f"      | {line}" for line in detail.trace)
        yield from (f"      - {sentence}" for sentence in detail.sentences)


def _rules(view: View) -> Iterator[str]:
    if not view.rules:
        return
    yield ""
    yield f"{label('rules', view.lang)}{label('colon', view.lang)}"
    names = max(cell_width(rule.mark.name) for rule in view.rules)
    lost = max(len(rule.lost) for rule in view.rules)
    for rule in view.rules:
        yield "  ".join(_rule_columns(rule, names, lost))
        yield from _details(rule.details)


def _rule_columns(rule: RuleView, names: int, lost: int) -> tuple[str, ...]:
    start = (rule.mark.ascii.ljust(4), pad(rule.mark.name, names))
    return (*start, rule.lost.rjust(lost), rule.sentence) if lost else (*start, rule.sentence)


def _foot(view: View, saved: Sequence[Path]) -> Iterator[str]:
    colon = label("colon", view.lang)
    yield ""
    yield f"{label('total', view.lang)}{colon}{view.score} ({view.counted})"
    for name, value in view.conditions:
        yield f"{name}{colon}{value}"
    for note in view.notes:
        yield f"- {note}"
    for path in saved:
        yield f"{label('saved', view.lang)}{colon}{one_line(str(path))}"
    yield f"{label('next', view.lang)}{colon}{view.next_step}"
