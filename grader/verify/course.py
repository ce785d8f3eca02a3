"""Everything that is proved of a course: first what can be read, then what gradings show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from grader.course import Course, Exercise, ExerciseRef, load_exercise
from grader.course.hints import load_hints
from grader.course.sentences import public_sentences
from grader.course.solutions import Solutions, load_solutions
from grader.errors import GradeError, UserError
from grader.judge.attempt import Options
from grader.submission import Submission
from grader.text import Text
from grader.verify.findings import Aspect, Finding
from grader.verify.gradings import Planned, check_findings, outcome_findings, planned
from grader.verify.layout import course_findings, layout_findings, solution_findings
from grader.verify.mutants import Mutant, mutants_of, share_findings
from grader.verify.running import Outcome, graded
from grader.verify.stub import stub_findings
from grader.verify.texts import readme_findings, secrecy_findings

_LIMITS_FOR_MUTANTS = 0.3
"""Many of them never end; the reference keeps within half of its limits."""


_Graded = tuple[Planned, Outcome]


class Progress(Protocol):
    """Hears how far the gradings have come."""

    def plan(self, count: int) -> None:
        """Hear how many gradings there will be."""

    def step(self) -> None:
        """Hear that one more has ended."""


@dataclass(frozen=True)
class _Subject:
    """An exercise with its solutions."""

    exercise: Exercise
    solutions: Solutions


@dataclass
class Verification:
    """What was looked at and what was found."""

    exercises: list[ExerciseRef]
    findings: list[Finding] = field(default_factory=list)
    tried: dict[str, list[Mutant]] = field(default_factory=dict)
    """The mutants of each exercise whose reference is right, but for those declared equivalent."""
    survivors: dict[str, list[Mutant]] = field(default_factory=dict)
    """Those of them that no check killed."""

    def holds(self, exercise: str, aspect: Aspect) -> bool:
        """Whether nothing was found wrong with one aspect of an exercise."""
        return not any((each.exercise, each.aspect) == (exercise, aspect) for each in self.findings)


def verify(
    course: Course,
    refs: Sequence[ExerciseRef],
    *,
    seeds: Sequence[int],
    jobs: int,
    with_mutants: bool,
    progress: Progress,
) -> Verification:
    """Prove what can be proved of these exercises of a course."""
    found = Verification(list(refs))
    found.findings += course_findings(course)
    subjects = []
    for ref in refs:
        found.findings += _file_findings(course, ref)
        try:
            subjects.append(_Subject(load_exercise(ref), load_solutions(ref)))
        except UserError as error:
            found.findings.append(Finding(ref.name, Aspect.METADATA, error.message))
    plans = [plan for each in subjects for plan in planned(each.exercise, each.solutions, seeds)]
    mutants = {
        each.exercise.name: mutants_of(each.exercise.reference) for each in subjects if with_mutants
    }
    progress.plan(len(plans) + sum(map(len, mutants.values())))
    _grade(found, subjects, _counted(graded(plans, jobs), progress))
    for subject in subjects:
        name = subject.exercise.name
        if name in mutants and found.holds(name, Aspect.REFERENCE):
            plans = [_mutated(subject.exercise, mutant) for mutant in mutants[name]]
            outcomes = _counted(graded(plans, jobs), progress)
            _judge_mutants(found, subject, mutants[name], outcomes)
    return found


def _counted(outcomes: Iterator[_Graded], progress: Progress) -> Iterator[_Graded]:
    for each in outcomes:
        yield each
        progress.step()


def _file_findings(course: Course, ref: ExerciseRef) -> Iterator[Finding]:
    """What is seen without grading anything; a file that cannot be read ends it."""
    missing = list(layout_findings(course, ref))
    yield from missing
    try:
        yield from solution_findings(ref, load_solutions(ref))
        yield from _hint_findings(ref)
        yield from stub_findings(ref)
        yield from readme_findings(ref)
        yield from secrecy_findings(course, ref)
    except UserError as error:
        yield Finding(ref.name, Aspect.METADATA, error.message)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        if not missing:
            yield Finding(ref.name, Aspect.FILES, Text(str(error), str(error)))


def _hint_findings(ref: ExerciseRef) -> Iterator[Finding]:
    hinted = {check for hints in load_hints(ref) for check in hints.checks}
    for name in public_sentences(ref):
        if name not in hinted:
            text = Text(f"no hint helps with {name}.", f"没有针对 {name} 的提示。")
            yield Finding(ref.name, Aspect.METADATA, text)


def _grade(found: Verification, subjects: Iterable[_Subject], outcomes: Iterable[_Graded]) -> None:
    results = []
    for plan, outcome in outcomes:
        if isinstance(outcome, GradeError):
            found.findings.append(_error(plan, outcome))
        else:
            found.findings += outcome_findings(plan, outcome)
            results.append((plan, outcome))
    for subject in subjects:
        own = [each for each in results if each[0].exercise is subject.exercise]
        found.findings += check_findings(subject.exercise, own)


def _judge_mutants(
    found: Verification,
    subject: _Subject,
    mutants: Sequence[Mutant],
    outcomes: Iterable[_Graded],
) -> None:
    name = subject.exercise.name
    survived = set()
    for plan, outcome in outcomes:
        if isinstance(outcome, GradeError):
            found.findings.append(_error(plan, outcome))
        elif outcome.all_passed:
            survived.add(plan.submission.name)
    equivalent = {each.mutant for each in subject.solutions.equivalent}
    survivors = [mutant for mutant in mutants if mutant.name in survived]
    found.findings += share_findings(name, mutants, survivors, equivalent)
    found.tried[name] = [each for each in mutants if each.name not in equivalent]
    found.survivors[name] = [each for each in survivors if each.name not in equivalent]


def _error(plan: Planned, error: GradeError) -> Finding:
    en, zh = error.message.en, error.message.zh
    name = plan.submission.name
    return Finding(plan.exercise.name, plan.aspect, Text(f"{name}: {en}", f"{name}：{zh}"))


def _mutated(exercise: Exercise, mutant: Mutant) -> Planned:
    files = {exercise.entry: mutant.source.encode()}
    submission = Submission(mutant.name, exercise.entry, files)
    options = Options(seed=1, limits_share=_LIMITS_FOR_MUTANTS, until_failure=True)
    return Planned(exercise, submission, options, Aspect.MUTANTS)
