"""What becomes of an exercise's own solutions when they are graded as students' files are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course import Exercise
from grader.course.solutions import Solutions, WrongSolution, solution_files
from grader.judge.attempt import Options
from grader.judge.results import CheckResult, SubmissionResult
from grader.judge.verdicts import Verdict
from grader.reports.messages import explain
from grader.submission import Submission
from grader.text import LANGS, Text
from grader.verify.findings import Aspect, Finding
from grader.verify.reach import reached_checks

_HALF = 0.5
_FEWEST_HIDDEN_ONLY = 2
"""Wrong solutions that pass every public check: otherwise the hidden ones are worth nothing."""


@dataclass(frozen=True)
class Planned:
    """One grading, and what has to come of it."""

    exercise: Exercise
    submission: Submission
    options: Options
    aspect: Aspect
    wrong: WrongSolution | None = None
    """None: every check has to pass (of the stub: none of them)."""

    def with_seeds(self, seeds: Sequence[int]) -> Planned:
        """The same with these seeds: in fresh workers with the first, in one with the others."""
        options = replace(self.options, seed=seeds[0], more_seeds=tuple(seeds[1:]))
        return replace(self, options=options)

    def seed_by_seed(self) -> Iterator[Planned]:
        """The same, in fresh workers for each seed."""
        for seed in (self.options.seed, *self.options.more_seeds):
            yield replace(self, options=replace(self.options, seed=seed, more_seeds=()))

    def wavers(self, result: SubmissionResult) -> bool:
        """Whether a check that was run with several seeds in one worker ended as it should not."""
        return bool(self.options.more_seeds) and any(True for _ in differences(self, result))


def is_inexact(result: SubmissionResult) -> bool:
    """Whether a timing was too inexact to tell, beside all the other work."""
    return any(check.verdict is Verdict.INCONCLUSIVE for check in result.checks)


def planned(exercise: Exercise, solutions: Solutions, seeds: Sequence[int]) -> Iterator[Planned]:
    """All gradings of one exercise: the stub with one seed, everything else with all seeds."""
    stub = Submission(
        _shown(exercise, exercise.stub),
        exercise.entry,
        {path.name: path.read_bytes() for path in exercise.stub_files},
    )
    yield Planned(exercise, stub, Options(seed=seeds[0]), Aspect.STUB)
    yield from (plan.with_seeds(seeds) for plan in _solutions(exercise, solutions))


def _solutions(exercise: Exercise, solutions: Solutions) -> Iterator[Planned]:
    """The grading of each solution, without a seed yet."""
    reference = _read(exercise, exercise.reference)
    yield Planned(exercise, reference, Options(limits_share=_HALF), Aspect.REFERENCE)
    for path in solutions.right():
        yield Planned(exercise, _read(exercise, path), Options(), Aspect.RIGHT)
    for wrong in solutions.wrong:
        if (path := solutions.wrong_path(wrong)).exists():
            submission = _read(exercise, path)
            options = Options(
                is_timed=_is_about_time(exercise, wrong),
                checks=_checks(exercise, submission, wrong),
            )
            yield Planned(exercise, submission, options, Aspect.WRONG, wrong)


def _checks(
    exercise: Exercise, submission: Submission, wrong: WrongSolution
) -> tuple[str, ...] | None:
    """Those that its mistake can reach, and those of which it promises something."""
    reached = reached_checks(exercise, submission.files)
    if reached is None:
        return None
    return tuple(sorted(reached | {name.partition("[")[0] for name in wrong.not_passed}))


def _is_about_time(exercise: Exercise, wrong: WrongSolution) -> bool:
    """Whether a wrong solution promises something of a timed task; else measuring is in vain."""
    return any(task.check in wrong.not_passed for task in exercise.timed)


def _read(exercise: Exercise, path: Path) -> Submission:
    return Submission(_shown(exercise, path), exercise.entry, solution_files(exercise, path))


def _shown(exercise: Exercise, path: Path) -> str:
    return str(path.relative_to(exercise.course_root))


def outcome_findings(
    gradings: Iterable[tuple[Planned, SubmissionResult]],
) -> Iterator[Finding]:
    """How the outcomes differ from what they have to be; a difference is told once."""
    seeds: dict[tuple[str, Aspect, str, Text], list[str]] = {}
    for plan, result in gradings:
        for said in differences(plan, result):
            key = plan.exercise.name, plan.aspect, plan.submission.name, said
            seeds.setdefault(key, []).append(str(plan.options.seed))
    for (exercise, aspect, name, said), numbers in seeds.items():
        en = f"{name} (seed {', '.join(numbers)}): {said.en}"
        zh = f"{name}（种子 {'、'.join(numbers)}）：{said.zh}"
        yield Finding(exercise, aspect, Text(en, zh))


def differences(plan: Planned, result: SubmissionResult) -> Iterator[Text]:
    """What is otherwise than it should be."""
    if result.problem:
        en, zh = (explain(result.problem, lang) for lang in LANGS)
        yield Text(f"it cannot be graded. {en}", f"无法评分。{zh}")
        return
    if plan.aspect is Aspect.STUB:
        for check in result.checks:
            if check.verdict is Verdict.PASSED:
                yield Text(f"it passes {check.name}.", f"它通过了 {check.name}。")
        return
    promised = plan.wrong.not_passed if plan.wrong else {}
    for name in sorted(promised.keys() - {check.name for check in result.checks}):
        yield Text(
            f"expected.yaml promises something of {name}, but there is no such check.",
            f"expected.yaml 提到了 {name}，但没有这个检查项。",
        )
    for check in result.checks:
        wanted = promised.get(check.name, Verdict.PASSED)
        if check.verdict is not wanted:
            yield _other_verdict(check, wanted)
    broken = sum(bool(rule.broken) for rule in result.rules)
    wanted_broken = plan.wrong.rules_broken if plan.wrong else 0
    if broken != wanted_broken:
        yield Text(
            f"it breaks {broken} source rules, and should break {wanted_broken}.",
            f"它违反了 {broken} 条源码规则，应当是 {wanted_broken} 条。",
        )


def _other_verdict(check: CheckResult, wanted: Verdict) -> Text:
    en, zh = (explain(check.causes[0], lang) if check.causes else "" for lang in LANGS)
    return Text(
        f"{check.name} should be {wanted} and is {check.verdict}. {en}".rstrip(),
        f"{check.name} 应当是 {wanted}，实际是 {check.verdict}。{zh}",
    )


def check_findings(
    exercise: Exercise, gradings: Sequence[tuple[Planned, SubmissionResult]]
) -> Iterator[Finding]:
    """Checks and rules that no wrong solution fails; too few that only hidden checks catch."""
    wrong = [result for plan, result in gradings if plan.aspect is Aspect.WRONG]
    for place, rule in enumerate(exercise.rules):
        if not any(result.rules and result.rules[place].broken for result in wrong):
            en = f"no wrong solution breaks the rule: {rule.sentence.en}"
            yield _finding(exercise, en, f"没有错误解答会违反规则：{rule.sentence.zh}")
    names = dict.fromkeys(check.name for _, result in gradings for check in result.checks)
    failed = {
        check.name
        for result in wrong
        for check in result.checks
        if check.verdict is not Verdict.PASSED
    }
    for name in names:
        if name not in failed:
            yield _finding(
                exercise, f"no wrong solution fails {name}.", f"没有错误解答会在 {name} 上失败。"
            )
    slipped = {
        result.submission
        for result in wrong
        if all(check.hidden or check.verdict is Verdict.PASSED for check in result.checks)
    }
    if len(slipped) < _FEWEST_HIDDEN_ONLY:
        yield _finding(
            exercise,
            f"{len(slipped)} wrong solutions pass all public checks; "
            f"at least {_FEWEST_HIDDEN_ONLY} should.",
            f"只有 {len(slipped)} 个错误解答通过全部公开检查，至少要 {_FEWEST_HIDDEN_ONLY} 个。",
        )


def _finding(exercise: Exercise, en: str, zh: str) -> Finding:
    return Finding(exercise.name, Aspect.CHECKS, Text(en, zh))
