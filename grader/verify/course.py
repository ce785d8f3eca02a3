"""Everything that is proved of a course: first what can be read, then what gradings show."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from grader.course import Course, Exercise, ExerciseRef, load_exercise
from grader.course.hints import load_hints
from grader.course.sentences import public_sentences
from grader.course.solutions import Solutions, load_solutions, solution_files
from grader.course.topics import load_topics
from grader.errors import GradeError, UserError
from grader.judge.attempt import Options
from grader.judge.bench import Bench, side_by_side
from grader.judge.results import SubmissionResult
from grader.judge.warm import SharedNursery
from grader.submission import Submission
from grader.text import Text
from grader.verify.findings import Aspect, Finding
from grader.verify.gradings import Planned, check_findings, is_inexact, outcome_findings, planned
from grader.verify.layout import course_findings, layout_findings, solution_findings
from grader.verify.mutants import Mutant, mutants_of, share_findings
from grader.verify.reach import reached_checks
from grader.verify.shard import WHOLE, Shard
from grader.verify.stub import signatures, stub_findings
from grader.verify.texts import readme_findings, secrecy_findings
from grader.verify.timed import timed_findings
from grader.verify.topics import Coverage, coverage, order_findings, topic_findings

_WORTH_A_BENCH = 8
"""Gradings that take longer than to start one more process tree for them."""
_LIMITS_FOR_MUTANTS = 0.3
"""Many of them never end; the reference keeps within half of its limits."""


_Outcome = SubmissionResult | GradeError
_Graded = tuple[Planned, _Outcome]


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
    graded: set[str] = field(default_factory=set)
    """The exercises of which something could be graded."""
    tried: dict[str, list[Mutant]] = field(default_factory=dict)
    """The mutants of each exercise whose reference is right, but for those declared equivalent."""
    survivors: dict[str, list[Mutant]] = field(default_factory=dict)
    """Those of them that no check killed."""
    drafts: list[str] = field(default_factory=list)
    """The exercises that were not graded, because nobody has named them."""
    elsewhere: list[str] = field(default_factory=list)
    """Those that were not graded, because they are in other shards."""
    coverage: list[Coverage] = field(default_factory=list)
    """Of the topics, where the whole course was looked at."""

    def add(self, findings: Iterable[Finding]) -> None:
        """Take what was found, once."""
        self.findings += [each for each in findings if each not in self.findings]

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
    with_drafts: bool = True,
    shard: Shard = WHOLE,
) -> Verification:
    """Prove what can be proved of these exercises of a course; grade those of the shard alone."""
    found = Verification(list(refs))
    found.add(course_findings(course))
    if found.exercises == course.exercises():
        _look_at_the_whole(found, course)
    subjects, plans = [], []
    for place, ref in enumerate(refs):
        found.add(_file_findings(course, ref))
        if not shard.has(place):
            found.elsewhere.append(ref.name)
            continue
        try:
            subject = _Subject(load_exercise(ref), load_solutions(ref))
            if subject.exercise.is_draft and not with_drafts:
                found.drafts.append(ref.name)
                continue
            plans += list(planned(subject.exercise, subject.solutions, seeds))
            subjects.append(subject)
        except UserError as error:
            found.add([Finding(ref.name, Aspect.METADATA, error.message)])
    progress.plan(len(plans))
    _grade(found, subjects, _confirmed(plans, jobs, progress))
    for subject in subjects if with_mutants else ():
        name = subject.exercise.name
        if name in found.graded and found.holds(name, Aspect.REFERENCE):
            mutants = mutants_of(subject.exercise.reference_files, subject.exercise.stub_files)
            progress.plan(len(mutants))
            plans = [_mutated(subject.exercise, mutant) for mutant in mutants]
            _judge_mutants(found, subject, mutants, _graded(plans, jobs, progress))
    return found


def _look_at_the_whole(found: Verification, course: Course) -> None:
    """What no exercise alone shows; one that cannot be read is told of with the others."""
    exercises = []
    for ref in found.exercises:
        with contextlib.suppress(UserError):
            exercises.append(load_exercise(ref))
    try:
        topics = load_topics(course)
    except UserError as error:
        found.add([Finding("docs/topics.yaml", Aspect.METADATA, error.message)])
        return
    found.coverage = coverage(topics, exercises)
    found.add(topic_findings(topics, exercises))
    found.add(order_findings(exercises))


def _confirmed(plans: Sequence[Planned], jobs: int, progress: Progress) -> Iterator[_Graded]:
    """Grade all plans, and once more, with nothing beside it, what may have been by chance.

    First what was timed too inexactly, then seed by seed what wavers.
    """
    inexact: list[Planned] = []
    wavering: list[Planned] = []

    def settled(graded: Iterator[_Graded], *, is_again: bool) -> Iterator[_Graded]:
        for plan, outcome in graded:
            if isinstance(outcome, GradeError):
                yield plan, outcome
            elif is_inexact(outcome) and not is_again:
                inexact.append(plan)
            elif plan.wavers(outcome):
                wavering.extend(plan.seed_by_seed())
            else:
                yield plan, outcome

    yield from settled(_graded(plans, jobs, progress), is_again=False)
    progress.plan(len(inexact))
    yield from settled(_graded(inexact, 1, progress), is_again=True)
    progress.plan(len(wavering))
    yield from _graded(wavering, 1, progress)


def _graded(plans: Sequence[Planned], jobs: int, progress: Progress) -> Iterator[_Graded]:
    """Grade all plans; give each with its result, or with the error that there was instead."""
    jobs = min(jobs, 1 + len(plans) // _WORTH_A_BENCH)
    groups = (group for _, group in itertools.groupby(plans, lambda plan: plan.exercise.name))
    with (
        contextlib.closing(SharedNursery()) as nursery,
        contextlib.closing(
            side_by_side(groups, [Bench(nursery) for _ in range(jobs)], _outcome)
        ) as outcomes,
    ):
        for each in outcomes:
            yield each
            progress.step()


def _outcome(bench: Bench, plan: Planned) -> _Outcome:
    try:
        return bench.grade(plan.exercise, plan.submission, plan.options)
    except GradeError as error:
        return error


def _file_findings(course: Course, ref: ExerciseRef) -> Iterator[Finding]:
    """What is seen without grading anything; a file that cannot be read ends it."""
    missing = list(layout_findings(course, ref, _project_files(ref)))
    yield from missing
    try:
        yield from solution_findings(ref, load_solutions(ref))
        yield from _hint_findings(ref)
        yield from stub_findings(ref)
        yield from readme_findings(ref)
        exercise = load_exercise(ref)
        yield from timed_findings(exercise)
        yield from secrecy_findings(course, exercise)
    except UserError as error:
        yield Finding(ref.name, Aspect.METADATA, error.message)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        if not missing:
            yield Finding(ref.name, Aspect.FILES, Text(str(error), str(error)))


def _project_files(ref: ExerciseRef) -> tuple[str, ...]:
    with contextlib.suppress(UserError):  # it is told where the exercise is read
        return load_exercise(ref).files
    return ()


def _hint_findings(ref: ExerciseRef) -> Iterator[Finding]:
    """Public checks, functions and classes without a hint, and hints for what is not there."""
    entries = load_hints(ref)
    hinted = {check for hints in entries for check in hints.checks}
    names = {hints.name for hints in entries}
    asked = {name for name in signatures(ref.stub_files) if "." not in name}
    lacking = [name for name in public_sentences(ref) if name not in hinted]
    for name in lacking + sorted(asked - names):
        text = Text(
            f"hints.yaml: no hint helps with {name}.", f"hints.yaml：没有针对 {name} 的提示。"
        )
        yield Finding(ref.name, Aspect.METADATA, text)
    for name in sorted(names - asked):
        text = Text(f"hints.yaml: the stub has no {name}.", f"hints.yaml：练习文件里没有 {name}。")
        yield Finding(ref.name, Aspect.METADATA, text)


def _grade(found: Verification, subjects: Iterable[_Subject], outcomes: Iterable[_Graded]) -> None:
    results = []
    for plan, outcome in outcomes:
        if isinstance(outcome, GradeError):
            found.add([_error(plan, outcome)])
        else:
            results.append((plan, outcome))
            found.graded.add(plan.exercise.name)
    found.add(outcome_findings(results))
    for subject in subjects:
        if subject.exercise.name in found.graded:
            own = [each for each in results if each[0].exercise is subject.exercise]
            found.add(check_findings(subject.exercise, own))


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
            found.add([_error(plan, outcome)])
        elif outcome.all_passed:
            survived.add(plan.submission.name)
    equivalent = {each.mutant for each in subject.solutions.equivalent}
    survivors = [mutant for mutant in mutants if mutant.name in survived]
    found.add(share_findings(name, mutants, survivors, equivalent))
    found.tried[name] = [each for each in mutants if each.name not in equivalent]
    found.survivors[name] = [each for each in survivors if each.name not in equivalent]


def _error(plan: Planned, error: GradeError) -> Finding:
    """What kept a submission from being graded: as a rule the checks, and so for all the same."""
    return Finding(plan.exercise.name, Aspect.CHECKS, error.message)


def _mutated(exercise: Exercise, mutant: Mutant) -> Planned:
    files = solution_files(exercise, exercise.reference) | {mutant.file: mutant.source.encode()}
    submission = Submission(mutant.name, exercise.entry, files)
    reached = reached_checks(exercise, files)
    options = Options(
        seed=1,
        checks=None if reached is None else tuple(sorted(reached)),
        limits_share=_LIMITS_FOR_MUTANTS,
        until_failure=True,
    )
    return Planned(exercise, submission, options, Aspect.MUTANTS)
