"""One result in one language, ready to show. Every format for people renders this and nothing else.

All text in a view is safe (`visible`): it holds no invisible character and is cut to a length.
Text of a message may mark code with backticks (`spans`). What the code printed is shown once:
a module-level `print` repeats itself in every check.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from grader.judge.results import (
    Cause,
    CheckResult,
    Conditions,
    RuleResult,
    SubmissionResult,
)
from grader.judge.verdicts import Verdict
from grader.reports.details import LINE_LIMIT, Detail, detail, explain_all, output_lines
from grader.reports.messages import (
    label,
    line_text,
    number,
    tier_name,
    verdict_entry,
)
from grader.reports.timing import TimingView, timing_view
from grader.reports.visible import one_line
from grader.text import Lang

Tone = Literal["good", "bad", "idle", "excused"]


@dataclass(frozen=True)
class Mark:
    """How something went: a sign, the same in ASCII, its name and its tone."""

    sign: str
    ascii: str
    name: str
    tone: Tone


@dataclass(frozen=True)
class CheckView:
    """One check: its line, and below it what is said when it did not pass."""

    name: str
    hidden: bool
    verdict: Verdict
    mark: Mark
    sentence: str
    earned: str
    points: str
    worth: str
    """`1/2`, or `-/2` where the verdict costs no points."""
    seconds: float | None
    details: tuple[Detail, ...]
    hint: str | None
    output: tuple[str, ...]
    """Lines that the code printed, only the first few."""
    timing: TimingView | None


@dataclass(frozen=True)
class Group:
    """The public or the hidden checks."""

    heading: str
    checks: tuple[CheckView, ...]
    score: str


@dataclass(frozen=True)
class RuleView:
    """One source rule and the places that break it."""

    mark: Mark
    sentence: str
    lost: str
    """The points taken away, `-2`; empty when none are."""
    details: tuple[Detail, ...]


@dataclass(frozen=True)
class View:
    """A whole report in one language."""

    lang: Lang
    exercise: str
    title: str
    submission: str
    problem: Detail | None
    groups: tuple[Group, ...]
    rules: tuple[RuleView, ...]
    score: str
    """`5 of 8 points`."""
    counted: str
    """`3 of 6 checks passed`."""
    fraction: float
    """Points earned of those to be had, 0 to 1."""
    tone: Tone
    conditions: tuple[tuple[str, str], ...]
    """Names and values: device, isolation, seed, time, start, versions."""
    notes: tuple[str, ...]
    """Why the tier is not a higher one."""
    next_step: str


def build_view(result: SubmissionResult, lang: Lang, *, verbose: bool = False) -> View:
    """The view of a result in one language.

    `verbose` adds to every check its name (for -k), its time and what the code printed.
    """
    result = _as_named(result)
    checks = _checks(result.checks, lang, verbose=verbose)
    rules = tuple(_rule(rule, lang) for rule in result.rules)
    passed = sum(check.verdict is Verdict.PASSED for check in result.checks)
    return View(
        lang=lang,
        exercise=_short(result.exercise),
        title=_short(result.title[lang]),
        submission=_short(result.submission),
        problem=detail(result.problem, lang) if result.problem else None,
        groups=_groups(result, checks, lang),
        rules=rules,
        score=label("points", lang, earned=number(result.earned), points=number(result.max_points)),
        counted=label("passed_count", lang, passed=passed, total=len(checks)),
        fraction=min(1.0, result.earned / result.max_points) if result.max_points > 0 else 0.0,
        tone=_tone(result),
        conditions=_conditions(result, lang),
        notes=_notes(result.conditions, lang),
        next_step=_next_step(result, checks, rules, lang),
    )


def spans(text: str) -> list[tuple[str, bool]]:
    """The text cut at its backticks: pieces, and whether each is code."""
    pieces = re.split(r"(?<!`)`([^`]{1,80})`(?!`)", text)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]


def _as_named(result: SubmissionResult) -> SubmissionResult:
    """The result with a single file called as its author calls it, not as the exercise does."""
    entry, name = f"{result.exercise}.py", re.split(r"[/\\]", result.submission)[-1]
    if not name.endswith(".py"):
        return result  # a folder keeps its names, a notebook has cells

    def named(cause: Cause) -> Cause:
        frames = (replace(f, file=name) if f.file == entry else f for f in cause.frames)
        file = {"file": name} if cause.data.get("file") == entry else {}
        return Cause(cause.kind, {**cause.data, **file}, tuple(frames))

    return result.with_causes(named)


def _short(text: str) -> str:
    return one_line(text, LINE_LIMIT)


def _mark(verdict: Verdict, lang: Lang, *, key: str | None = None) -> Mark:
    """A verdict's mark; `key` names it otherwise."""
    entry = verdict_entry(verdict)
    name = label(key, lang) if key else entry[lang]
    return Mark(sign=entry["mark"], ascii=entry["ascii"], name=name, tone=entry["tone"])


def _checks(
    results: tuple[CheckResult, ...], lang: Lang, *, verbose: bool
) -> tuple[CheckView, ...]:
    shown_outputs: set[str] = set()
    shown_traces: set[tuple[str, ...]] = set()
    views = []
    for result in results:
        is_new = result.output not in shown_outputs
        is_wanted = verbose or result.verdict is not Verdict.PASSED
        shows_output = is_new and is_wanted and not result.hidden
        if shows_output:
            shown_outputs.add(result.output)
        view = _check(result, lang, shows_output=shows_output)
        details = tuple(_told_once(each, shown_traces) for each in view.details)
        if verbose:
            told = view.name if view.seconds is None else f"{view.name}  {view.seconds:.2f} s"
            details = (Detail(told), *details)
        views.append(replace(view, details=details))
    return tuple(views)


def _told_once(told: Detail, shown: set[tuple[str, ...]]) -> Detail:
    """A detail without a trace that an earlier check has shown: many fail at the same place."""
    trace = () if told.trace in shown else told.trace
    shown.add(told.trace)
    return replace(told, trace=trace)


def _check(result: CheckResult, lang: Lang, *, shows_output: bool) -> CheckView:
    passed = result.verdict is Verdict.PASSED
    earned, points = number(result.earned), number(result.points)
    details = () if result.is_full else _details(result, lang)
    return CheckView(
        name=_short(result.name),
        hidden=result.hidden,
        verdict=result.verdict,
        mark=_mark(result.verdict, lang, key="passed_in_part" if passed and details else None),
        sentence=_short(result.sentence[lang]),
        earned=earned,
        points=points,
        worth=f"{'-' if result.verdict.is_excused else earned}/{points}",
        seconds=result.seconds,
        details=details,
        hint=one_line(result.hint[lang]) if result.hint and not passed else None,
        output=output_lines(result.output, lang) if shows_output else (),
        timing=timing_view(result.timing, lang) if result.timing else None,
    )


def _details(result: CheckResult, lang: Lang) -> tuple[Detail, ...]:
    """The causes in words; where there are none, what the verdict says by itself."""
    if not result.causes:
        return (Detail(verdict_entry(result.verdict)["note"][lang]),)
    return explain_all(result.causes, lang)


def _groups(
    result: SubmissionResult, checks: tuple[CheckView, ...], lang: Lang
) -> tuple[Group, ...]:
    groups = []
    for hidden, key in ((False, "public_checks"), (True, "hidden_checks")):
        shown = tuple(check for check in checks if check.hidden == hidden)
        mine = [check for check in result.checks if check.hidden == hidden]
        earned = sum(check.earned for check in mine)
        points = sum(check.points for check in mine if not check.verdict.is_excused)
        score = label("points", lang, earned=number(earned), points=number(points))
        if shown:
            groups.append(Group(label(key, lang), shown, score))
    return tuple(groups)


def _rule(rule: RuleResult, lang: Lang) -> RuleView:
    if not rule.broken:
        mark = _mark(Verdict.PASSED, lang, key="rule_kept")
    elif rule.penalty:
        mark = _mark(Verdict.FAILED, lang, key="rule_broken")
    else:
        mark = _mark(Verdict.INCONCLUSIVE, lang, key="rule_advice")
    return RuleView(
        mark=mark,
        sentence=_short(rule.sentence[lang]),
        lost=f"-{number(rule.lost)}" if rule.lost else "",
        details=explain_all(rule.broken, lang),
    )


def _tone(result: SubmissionResult) -> Tone:
    if result.all_passed:
        return "good"
    excused = all(
        check.verdict is Verdict.PASSED or check.verdict.is_excused for check in result.checks
    )
    has_lost = result.problem is not None or any(rule.lost for rule in result.rules)
    return "excused" if excused and not has_lost else "bad"


def _conditions(result: SubmissionResult, lang: Lang) -> tuple[tuple[str, str], ...]:
    conditions = result.conditions
    versions = f"grade {conditions.grade}, Python {conditions.python}, torch {conditions.torch}"
    values = {
        "device": conditions.device,
        "tier": tier_name(conditions.tier, lang),
        "seed": str(conditions.seed),
        "time": label("seconds", lang, seconds=number(result.seconds)),
        "started": result.started_at,
        "versions": versions,
    }
    return tuple((label(key, lang), _short(value)) for key, value in values.items())


def _notes(conditions: Conditions, lang: Lang) -> tuple[str, ...]:
    if conditions.tier == "full":
        return ()
    return tuple(each.text for each in explain_all(conditions.tier_notes, lang))


def _next_step(
    result: SubmissionResult,
    checks: tuple[CheckView, ...],
    rules: tuple[RuleView, ...],
    lang: Lang,
) -> str:
    if result.problem:
        line = line_text(result.problem.data, lang)
        return label("next_problem_line" if line else "next_problem", lang, line=_short(str(line)))
    for check in checks:
        if check.mark.tone == "bad":
            return label("next_failed", lang, sentence=check.sentence)
    for check in checks:
        if check.verdict is Verdict.PASSED and check.earned != check.points:
            return label("next_slow", lang, sentence=check.sentence)
    for rule in rules:
        if rule.lost:
            return label("next_rule", lang, sentence=rule.sentence)
    tones = {check.mark.tone for check in checks}
    for tone, key in (("idle", "next_not_run"), ("excused", "next_excused")):
        if tone in tones:
            return label(key, lang)
    return label("next_public_passed" if result.public_only else "next_all_passed", lang)
