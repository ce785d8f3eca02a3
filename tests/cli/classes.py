"""A class's files for the tests of class runs, and what came of them."""

from __future__ import annotations

from pathlib import Path

from grader.store import Store
from tests.cli.conftest import Grade

RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"


def hand_in(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write the class's files."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)


def scores(grade: Grade) -> dict[tuple[str, str], float]:
    """The scores that the store holds."""
    store = Store(str(grade.folder / "class.db"))
    found = {
        (each.student, each.exercise): each.earned
        for each in store.ledger.attempts()
        if each.earned is not None
    }
    store.close()
    return found
