"""`grade report`, the real command on a store."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Grade

pytest.importorskip("sqlalchemy", reason="class runs need sqlalchemy")
pytest.importorskip("matplotlib", reason="the class report needs matplotlib")

from grader.store import Store
from tests.reports.class_report.classes import hand_in, right


@pytest.fixture(name="store")
def _store(grade: Grade) -> Path:
    """Give a store with one submission."""
    path = grade.folder / "class.db"
    with closing(Store(str(path))) as store:
        hand_in(store, "anna", right("ex01_add"))
    return path


def test_it_writes_the_report(grade: Grade, store: Path) -> None:
    """Into class-report/, again over itself, elsewhere with --out; a leaderboard when asked for."""
    done = grade("report")
    assert (done.code, done.out) == (0, "1 students, 1 exercises: class-report/index.html\n")
    out = grade.folder / "class-report"
    assert not (out / "leaderboard.html").exists()
    assert grade("report", "--leaderboard", "--lang", "zh").code == 0
    assert "排行榜" in (out / "leaderboard.html").read_text("utf-8")
    words = ("--store", str(store), "--out", "elsewhere")
    assert grade("report", *words).code == 0
    assert (grade.folder / "elsewhere" / "students" / "anna.html").is_file()


def test_bad_input_is_one_sentence(grade: Grade, store: Path) -> None:
    """With exit code 2 and no traceback; nothing of somebody else's is touched."""
    empty = grade.folder / "empty.db"
    Store(str(empty)).close()
    mine = grade.folder / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("No store at all.\n" * 100)
    for words, said in (
        (("--store", "gone.db"), "There is no store gone.db."),
        (("--store", str(empty)), "The store is empty: nobody is in it."),
        (("--out", "mine"), "is there already and is no class report"),
        (("--store", "mine/thesis.txt"), "The store mine/thesis.txt cannot be opened"),
        (("--out", str(store / "x")), "cannot be written: Not a directory."),
    ):
        done = grade("report", *words)
        assert done.code == 2, done
        assert said in done.err
        assert "Traceback" not in done.err
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]
