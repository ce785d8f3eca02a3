"""A timing that nothing could be told from is made again, with nothing beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from grader.cli.progress import Steps
from grader.course import Course
from grader.judge.bench import Bench
from grader.judge.results import SubmissionResult
from grader.judge.verdicts import Verdict
from grader.verify import course as verification
from grader.verify.findings import Aspect


@pytest.mark.parametrize(("noisy", "holds"), [(1, True), (2, False)])
def test_a_noisy_timing_is_made_again_once(
    course: Course, monkeypatch: pytest.MonkeyPatch, *, noisy: int, holds: bool
) -> None:
    """On one bench; if the machine is noisy even then, this is told."""
    graded: Counter[str] = Counter()
    benches_of_repeats = set()

    class NoisyBench(Bench):
        """Its machine is too busy for a right solution, the first times."""

        def grade(self, *args: Any, **kwargs: Any) -> SubmissionResult:
            result = super().grade(*args, **kwargs)
            graded[result.submission] += 1
            if graded[result.submission] > 1:
                benches_of_repeats.add(self)
            if "/right/" not in result.submission or graded[result.submission] > noisy:
                return result
            checks = [replace(each, verdict=Verdict.INCONCLUSIVE) for each in result.checks]
            return replace(result, checks=tuple(checks))

    monkeypatch.setattr(verification, "Bench", NoisyBench)
    found = verification.verify(
        course, course.exercises(), seeds=[1], jobs=2, with_mutants=False, progress=Steps()
    )
    assert found.holds("ex01_double", Aspect.RIGHT) is holds
    assert [each for each in found.findings if each.aspect is not Aspect.RIGHT] == []
    assert {name for name, count in graded.items() if count > 1} == {
        name for name in graded if "/right/" in name
    }
    assert len(benches_of_repeats) == 1
