"""Why a submission is slow, from what both sides do."""

from __future__ import annotations

import pytest

from grader.timing.reasons import slow_reasons

_REFERENCE = {
    "all": 90.0,
    "reading": 1.0,
    "indexing": 10.0,
    "multiplying": 12.0,
    "moving": 2.0,
    "unused_graph": 3.0,
}


@pytest.mark.parametrize(
    ("counts", "kind", "count"),
    [
        ({"all": 30000.0, "indexing": 16000.0}, "slow_loop", 30000),
        ({"all": 400.0, "reading": 300.0}, "slow_reading", 300),
        ({"all": 900.0, "moving": 500.0}, "slow_moving", 500),
        ({"all": 1500.0, "multiplying": 1200.0}, "slow_batches", 1200),
        ({"all": 300.0, "unused_graph": 200.0}, "slow_graph", 200),
        ({"all": 5000.0}, "slow_loop", 5000),
    ],
)
def test_the_most_likely_reason_is_named(counts: dict[str, float], kind: str, count: int) -> None:
    """It comes with how often that happens, and how often it needs to."""
    [cause] = slow_reasons({**_REFERENCE, **counts}, _REFERENCE)
    assert (cause.kind, cause.data["count"]) == (kind, count)


def test_a_loop_over_elements_explains_what_is_done_in_it() -> None:
    """Reading out a number for each element is the loop's doing."""
    counts = {**_REFERENCE, "all": 9000.0, "indexing": 4000.0, "reading": 4000.0}
    assert [cause.kind for cause in slow_reasons(counts, _REFERENCE)] == ["slow_loop"]


@pytest.mark.parametrize("counts", [_REFERENCE, {}, {"all": 200.0, "reading": 9.0}])
def test_otherwise_nothing_is_said(counts: dict[str, float]) -> None:
    """A wrong reason would be worse than none."""
    assert slow_reasons(counts, _REFERENCE) == ()
