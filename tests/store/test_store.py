"""The store, in SQLite and PostgreSQL: nothing is lost, nothing counts twice."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from grader.batch.roster import Student
from grader.errors import UserError
from grader.store import Kind, Report, RunInfo, Seen, Store
from grader.store.database import _engine
from grader.store.schema import metadata

KEY = "k" * 64
ALL = Report("all", 5, 5)
INFO = RunInfo("handed_in", "0.1.0", "2.6.0", "cpu", "full")


def _seen(student: str, digest: str = "d", key: str = KEY) -> Seen:
    return Seen(student, "ex01_add", digest, key, f"{student}/ex01_add.py", is_late=False)


def test_a_grading_grows_check_by_check(url: str) -> None:
    """What was kept is there after the store was closed; its seed is that of who began it."""
    store = Store(url)
    begun = store.begin_grading(KEY, "ex01_add", 7)
    assert (begun.seed, begun.checks, begun.result) == (7, (), None)
    store.keep_checks(KEY, {"test_a": "first"})
    store.keep_checks(KEY, {"test_a": "second"})
    store.close()
    store = Store(url)
    again = store.begin_grading(KEY, "ex01_add", 8)
    assert (again.seed, again.checks, again.result) == (7, ("first",), None)
    store.end_grading(KEY, ALL, is_final=True)
    store.end_grading(KEY, Report("something else", 0, 0), is_final=True)
    assert store.begin_grading(KEY, "ex01_add", 9).result == "all"
    assert store.final([KEY, "other"]) == {KEY}
    store.close()


def test_what_is_not_final_is_tried_again(url: str) -> None:
    """Its report counts until there is a better one."""
    store = Store(url)
    run = store.begin_run(INFO)
    store.see(run, [_seen("anna")])
    store.begin_grading(KEY, "ex01_add", 7)
    store.end_grading(KEY, Report("with a fault of ours", 3, 5), is_final=False)
    assert store.begin_grading(KEY, "ex01_add", 7).result is None
    assert [each.earned for each in store.ledger.attempts()] == [3]
    store.end_grading(KEY, ALL, is_final=True)
    assert [each.earned for each in store.ledger.attempts()] == [5]
    store.close()


def test_every_attempt_is_kept(url: str) -> None:
    """In the order of the runs that have found them; a submission found twice in one is one."""
    store = Store(url)
    for number, (student, digest) in enumerate([("anna", "old"), ("ben", "old"), ("anna", "new")]):
        key = str(number) * 64
        run = store.begin_run(INFO)
        store.see(run, [_seen(student, digest, key)] * 2)
        store.begin_grading(key, "ex01_add", 1)
        store.end_grading(key, Report(f"{student} {digest}", number, 5), is_final=True)
        store.end_run(run)
    attempts = [(each.student, each.earned, each.run) for each in store.ledger.attempts()]
    assert attempts == [("anna", 0, 1), ("ben", 1, 2), ("anna", 2, 3)]
    store.close()


def test_reopened_gradings_are_done_anew(url: str) -> None:
    """With the same seed and no check; until then the old report counts."""
    store = Store(url)
    store.see(store.begin_run(INFO), [_seen("anna")])
    store.begin_grading(KEY, "ex01_add", 7)
    store.keep_checks(KEY, {"test_a": "first"})
    store.end_grading(KEY, ALL, is_final=True)
    store.reopen([KEY, "unknown"])
    begun = store.begin_grading(KEY, "ex01_add", 8)
    assert (begun.seed, begun.checks, begun.result) == (7, (), None)
    assert [each.earned for each in store.ledger.attempts()] == [5]
    store.end_grading(KEY, Report("anew", 4, 5), is_final=True)
    assert [each.earned for each in store.ledger.attempts()] == [4]
    store.close()


def test_many_may_write_at_once(url: str) -> None:
    """Several runs with several threads each: everything arrives, once."""
    stores = [Store(url) for _ in range(3)]
    seeds: list[int] = []

    def work(store: Store, number: int) -> None:
        seeds.append(store.begin_grading(KEY, "ex01_add", number).seed)
        run = store.begin_run(INFO)
        store.see(run, [_seen(f"s{k}") for k in range(5)])
        for k in range(20):
            store.keep_checks(KEY, {f"test_{k}": f"{k}"})

    threads = [
        threading.Thread(target=work, args=(store, 10 * place + number))
        for place, store in enumerate(stores)
        for number in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seeds)) == 1
    kept = stores[0].begin_grading(KEY, "ex01_add", 99).checks
    assert sorted(kept, key=int) == [str(k) for k in range(20)]
    for store in stores:
        store.close()


def test_the_migrations_make_the_schema(url: str) -> None:
    """Table by table and column by column, what the code believes in."""
    Store(url).close()
    engine = _engine(url)
    inspector = sa.inspect(engine)
    assert set(inspector.get_table_names()) == {*metadata.tables, "alembic_version"}
    for name, table in metadata.tables.items():
        made = {column["name"]: column["nullable"] for column in inspector.get_columns(name)}
        assert made == {column.name: column.nullable for column in table.columns}
        keys = inspector.get_pk_constraint(name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key.columns]
    engine.dispose()


def test_a_newer_store_is_refused(url: str) -> None:
    """With one sentence; nothing in it changes."""
    Store(url).close()
    engine = _engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(UserError, match="newer version"):
        Store(url)


@pytest.mark.parametrize(
    "address", ["folder", "no.db/class.db", "postgresql://nobody@127.0.0.1:1/x", "foo://x"]
)
def test_what_is_no_store_is_told(tmp_path: Path, address: str) -> None:
    """A folder, a text file, a server that is not there, an unknown kind."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "no.db").write_text("text")
    url = address if "://" in address else str(tmp_path / address)
    with pytest.raises(UserError):
        Store(url)


def test_a_text_file_is_no_store(tmp_path: Path) -> None:
    """It stays as it was."""
    path = tmp_path / "class.db"
    path.write_text("text " * 1000)
    with pytest.raises(UserError, match="cannot be opened"):
        Store(str(path))
    assert path.read_text() == "text " * 1000


def test_power_may_fail_between_two_writes(tmp_path: Path) -> None:
    """Every commit is forced to the disk, and readers never wait for writers."""
    path = tmp_path / "class.db"
    store = Store(str(path))
    with store._database.transaction() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        ]
    assert settings == ["wal", 2]
    store.close()
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM gradings").fetchone() == (0,)


def test_decisions_are_never_lost(url: str) -> None:
    """The newest of a kind counts, an undone one stays in the history."""
    store = Store(url)
    ledger = store.ledger
    for points in ("7", "8"):
        ledger.decide("anna", "ex01_add", Kind.OVERRIDE, points, reason="oral", author="me")
    assert ledger.undo("anna", "ex01_add", Kind.OVERRIDE)
    assert not ledger.undo("anna", "ex01_add", Kind.COMMENT)
    told = [(each.value, each.undone_at is None) for each in ledger.decisions("anna")]
    assert told == [("7", True), ("8", False)]
    assert ledger.decisions("ben") == ()
    assert ledger.decisions()[0].decided_at.utcoffset() == dt.timedelta(0)
    store.close()


def test_the_roster_is_kept(url: str) -> None:
    """With every column; a new one replaces what it names."""
    store = Store(url)
    store.ledger.keep_students([Student("anna", "Anna", more={"seat": "7"}), Student("ben")])
    store.ledger.keep_students([Student("anna", "Anna Meier", more={"seat": "8"})])
    assert store.ledger.students() == (
        Student("anna", "Anna Meier", more={"seat": "8"}),
        Student("ben", more={}),
    )
    store.close()


def test_times_come_back_as_they_were(url: str) -> None:
    """Whatever the zone, the same moment."""
    when = dt.datetime(2026, 11, 30, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    store = Store(url)
    seen = Seen("anna", "ex01_add", "d", KEY, "place", is_late=True, handed_in=when)
    store.see(store.begin_run(INFO), [seen])
    (kept,) = store.ledger.attempts()
    assert (kept.handed_in, kept.is_late, kept.earned) == (when, True, None)
    store.close()
