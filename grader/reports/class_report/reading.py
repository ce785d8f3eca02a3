"""Reports as the store keeps them, read; one that cannot be read says why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.errors import UserError
from grader.judge.results import SubmissionResult
from grader.reports.jsonreport import load_json
from grader.store import Store, StoredGrading
from grader.text import Text


@dataclass(frozen=True)
class Read:
    """One grading."""

    stored: StoredGrading | None
    """None where it never began."""
    result: SubmissionResult | None
    unreadable: Text | None = None
    """Why a report that is there cannot be read: an older or newer form."""


def read_reports(store: Store, keys: Iterable[str]) -> dict[str, Read]:
    """Read the gradings with these keys, in one query."""
    keys = set(keys)
    stored = store.gradings(keys)
    return {key: _read(stored.get(key)) for key in keys}


def _read(stored: StoredGrading | None) -> Read:
    if stored is None or stored.report is None:
        return Read(stored, None)
    try:
        return Read(stored, load_json(stored.report))
    except UserError as error:
        return Read(stored, None, error.message)
