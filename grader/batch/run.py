"""A class run: what was found goes to the benches, and every result to the store at once.

Whatever has been judged before under the same address is not judged again. A run that was killed
goes on with the checks that are missing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from grader.batch.address import Surroundings, key_of, version_of
from grader.batch.executor import CannotGoOn
from grader.batch.handed_in import Found
from grader.course import Exercise
from grader.errors import GradeError
from grader.judge.attempt import Options
from grader.judge.bench import AnyBench, side_by_side
from grader.judge.results import SubmissionResult
from grader.reports import load_check, load_json, to_json
from grader.store import Report, Seen, Store

_SEED_BITS = 62


@dataclass(frozen=True)
class Planned:
    """One submission with its exercise and its address."""

    found: Found
    exercise: Exercise
    key: str


@dataclass(frozen=True)
class Ended:
    """What has become of one submission."""

    planned: Planned
    result: SubmissionResult | None
    error: GradeError | None = None
    """Why there is no result: its files have changed, or our own fault after every try."""
    is_known: bool = False
    """Whether it had been graded before."""


class Listener(Protocol):
    """Hears how a run goes; called from several threads."""

    def begin(self, planned: Planned) -> None:
        """A submission is being graded."""

    def end(self, ended: Ended) -> None:
        """It is done."""


@dataclass(frozen=True)
class How:
    """How a run grades."""

    device: str
    tier: str
    seconds: float | None = None
    """After so long nothing more is begun."""
    is_anew: bool = False
    """Whether what is known is graded again."""
    until_fault: bool = False
    """Whether the first fault of our own ends the run."""


def plan(
    found: Iterable[Found], exercises: Mapping[str, Exercise], surroundings: Surroundings
) -> list[Planned]:
    """Give each submission its address."""
    versions = {name: version_of(exercise) for name, exercise in exercises.items()}
    return [
        Planned(
            each,
            exercises[each.exercise],
            key_of(each.digest, versions[each.exercise], surroundings),
        )
        for each in found
    ]


def class_run(
    store: Store,
    run: int,
    plans: list[Planned],
    how: How,
    *,
    listener: Listener,
    benches: Sequence[AnyBench],
) -> Generator[Ended, None, None]:
    """Grade what is not known; yield everything, as it ends.

    Equal submissions are graded once. Left early, it returns when what runs has ended and is kept.
    Raises CannotGoOn where the benches are lost.
    """
    store.see(run, map(_seen, plans))
    equal: dict[str, list[Planned]] = {}
    for planned in plans:
        equal.setdefault(planned.key, []).append(planned)
    if how.is_anew:
        store.reopen(equal)
    known = store.final(equal)
    for key in [key for key in equal if key in known]:
        result = load_json(store.result(key))
        for planned in equal[key]:
            ended = Ended(planned, result, is_known=True)
            listener.end(ended)
            yield ended
    grading = _Grading(store, how, listener)
    firsts = _by_exercise(group[0] for key, group in equal.items() if key not in known)
    with closing(side_by_side(firsts, benches, grading.grade)) as outcomes:
        for first, outcome in outcomes:
            if outcome is None:  # the time was up
                continue
            for planned in equal[first.key]:
                ended = replace(outcome, planned=planned)
                listener.end(ended)
                yield ended
            if how.until_fault and outcome.error:
                return


def _by_exercise(plans: Iterable[Planned]) -> Iterable[list[Planned]]:
    groups: dict[str, list[Planned]] = {}
    for planned in plans:
        groups.setdefault(planned.exercise.name, []).append(planned)
    return groups.values()


def _seen(planned: Planned) -> Seen:
    found = planned.found
    return Seen(
        student=found.student,
        exercise=found.exercise,
        digest=found.digest,
        key=planned.key,
        place=found.place,
        is_late=found.is_late,
        handed_in=found.handed_in,
    )


class _Grading:
    """Grades one submission after another, on whatever bench has time."""

    def __init__(self, store: Store, how: How, listener: Listener) -> None:
        self._store = store
        self._how = how
        self._listener = listener
        self._deadline = None if how.seconds is None else time.monotonic() + how.seconds

    def grade(self, bench: AnyBench, planned: Planned) -> Ended | None:
        """Grade one, unless it is known or the time is up (None)."""
        name = planned.exercise.name
        kept = self._store.begin_grading(planned.key, name, secrets.randbits(_SEED_BITS))
        if kept.result is not None:
            return Ended(planned, load_json(kept.result), is_known=True)
        if self._deadline is not None and time.monotonic() > self._deadline:
            return None
        self._listener.begin(planned)
        options = Options(
            device=self._how.device,
            seed=kept.seed,
            tier=self._how.tier,
            known=kept.checks,
            is_whole=True,
        )

        def keep(texts: Sequence[str]) -> None:
            checks = [(load_check(text), text) for text in texts]
            kept = {check.name: text for check, text in checks if not check.verdict.is_excused}
            self._store.keep_checks(planned.key, kept)  # the excused are tried again

        try:
            submission = planned.found.read()
            result = bench.grade(planned.exercise, submission, options, keep)
        except CannotGoOn:
            raise
        except GradeError as error:
            return Ended(planned, None, error)
        is_final = not any(check.verdict.is_excused for check in result.checks)
        report = Report(to_json(result), result.earned, result.max_points)
        self._store.end_grading(planned.key, report, is_final=is_final)
        return Ended(planned, result)
