"""The most likely reason why a submission is slow, from the operations of both sides.

Counts of the submission's are its own word: they explain and decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.judge.results import Cause

_MANY = 20.0
"""Times the reference's operations: somebody loops in Python."""
_FEW = 20.0
"""Below so many of a kind nothing is said: they cost no time."""
_MORE = 4.0

Counts = Mapping[str, float]


def slow_reasons(counts: Counts, reference: Counts) -> tuple[Cause, ...]:
    """The most likely reason, or none."""
    for kind, key in (
        ("slow_reading", "reading"),
        ("slow_moving", "moving"),
        ("slow_batches", "multiplying"),
        ("slow_graph", "unused_graph"),
    ):
        if _is_much(counts, reference, key) and not _loops_over_elements(counts, reference):
            return (_cause(kind, counts, reference, key),)
    if counts.get("all", 0.0) > _MANY * max(reference.get("all", 0.0), 1.0):
        return (_cause("slow_loop", counts, reference, "all"),)
    return ()


def _is_much(counts: Counts, reference: Counts, key: str) -> bool:
    mine, theirs = counts.get(key, 0.0), reference.get(key, 0.0)
    return mine > _FEW and mine > _MORE * theirs


def _loops_over_elements(counts: Counts, reference: Counts) -> bool:
    """Whether it takes tensors apart, one element or row after another."""
    mine = counts.get("indexing", 0.0)
    return _is_much(counts, reference, "indexing") and mine > counts.get("all", 0.0) / _MORE


def _cause(kind: str, counts: Counts, reference: Counts, key: str) -> Cause:
    return Cause(
        kind, {"count": int(counts.get(key, 0.0)), "expected": int(reference.get(key, 0.0))}
    )
