"""Writing and reading a class's results; each method is one transaction.

What a method has returned from is on the disk. Two runs may use one store at once: whoever begins
a grading first chooses its seed, so that both come to the same results.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql, sqlite

from grader.errors import GraderFault, UserError
from grader.store import schema
from grader.text import Text

_MIGRATIONS = Path(__file__).with_name("migrations")
_BUSY_SECONDS = 120.0
"""How long a writer waits for another; each holds the store for some milliseconds."""
_MIGRATING = 0x6772616465
"""PostgreSQL's advisory lock for those who migrate: "grade" in ASCII."""


@dataclass(frozen=True)
class RunInfo:
    """What a run is known by."""

    place: str
    """Where its submissions come from."""
    grade: str
    torch: str
    device: str
    tier: str


@dataclass(frozen=True)
class Seen:
    """A submission that a run has found."""

    student: str
    exercise: str
    digest: str
    key: str
    """Of the grading that judges it."""
    place: str
    is_late: bool


@dataclass(frozen=True)
class KeptGrading:
    """What is known of one grading."""

    seed: int
    checks: tuple[str, ...]
    """Those that have been judged, as JSON."""
    result: str | None
    """The whole report as JSON; None while something is missing or to be tried again."""


def open_store(url: str) -> Store:
    """Open a store and bring its schema up to date.

    `url` is a path, or "postgresql://..."; a SQLite file that is not there is made. UserError where
    it cannot be opened, is no store, or was written by a newer version.
    """
    engine = _engine(url)
    try:
        _migrate(engine, url)
    except sa.exc.DatabaseError as error:
        engine.dispose()
        raise UserError(
            Text(
                f"The store {_shown(url)} cannot be opened: {_reason(error)}.",
                f"无法打开存储 {_shown(url)}：{_reason(error)}。",
            ),
            Text(
                "Check the path or the address, and that you may write there.",
                "请检查路径或地址，以及是否有写权限。",
            ),
        ) from error
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, url)


class Store:
    """An open store. Its methods may be called from several threads."""

    def __init__(self, engine: sa.Engine, url: str) -> None:
        self._engine = engine
        self._url = url
        dialect = sqlite if engine.dialect.name == "sqlite" else postgresql
        self._insert = dialect.insert

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def begin_run(self, info: RunInfo) -> int:
        """Note that a run begins; returns its number."""
        values = {**vars(info), "began_at": _now()}
        with self._writing() as connection:
            insert = sa.insert(schema.runs).values(values).returning(schema.runs.c.id)
            return int(connection.execute(insert).scalar_one())

    def end_run(self, run: int) -> None:
        """Note that a run has come to its end."""
        update = sa.update(schema.runs).where(schema.runs.c.id == run).values(ended_at=_now())
        with self._writing() as connection:
            connection.execute(update)

    def begin_grading(self, key: str, exercise: str, seed: int) -> KeptGrading:
        """Begin a grading, or take up one that somebody has begun: then its seed holds."""
        values = {"key": key, "exercise": exercise, "seed": seed, "began_at": _now()}
        values["is_final"] = False
        gradings, checks = schema.gradings, schema.checks
        with self._writing() as connection:
            connection.execute(self._insert(gradings).values(values).on_conflict_do_nothing())
            row = connection.execute(sa.select(gradings).where(gradings.c.key == key)).one()
            kept = connection.execute(sa.select(checks.c.result).where(checks.c.key == key))
            result = row.result if row.is_final else None
            return KeptGrading(row.seed, tuple(kept.scalars()), result)

    def final(self, keys: Iterable[str]) -> set[str]:
        """Those of the gradings that are done for good."""
        gradings = schema.gradings
        query = sa.select(gradings.c.key).where(gradings.c.is_final)
        with self._reading() as connection:
            done = set(connection.execute(query).scalars())
        return done.intersection(keys)

    def result(self, key: str) -> str:
        """The report of a grading that is done, as JSON."""
        gradings = schema.gradings
        with self._reading() as connection:
            query = sa.select(gradings.c.result).where(gradings.c.key == key)
            return str(connection.execute(query).scalar_one())

    def keep_check(self, key: str, name: str, result: str) -> None:
        """Keep one check's result; one that is there already stays."""
        values = {"key": key, "name": name, "result": result}
        with self._writing() as connection:
            connection.execute(self._insert(schema.checks).values(values).on_conflict_do_nothing())

    def end_grading(self, key: str, result: str, *, is_final: bool) -> None:
        """Keep the whole report; a final one stays."""
        gradings = schema.gradings
        update = sa.update(gradings).where(gradings.c.key == key, gradings.c.is_final.is_(False))
        with self._writing() as connection:
            connection.execute(update.values(result=result, is_final=is_final, ended_at=_now()))

    def forget(self, key: str) -> None:
        """Forget what is known of a grading, but not that it was begun: it is to be done anew."""
        gradings, checks = schema.gradings, schema.checks
        with self._writing() as connection:
            connection.execute(sa.delete(checks).where(checks.c.key == key))
            update = sa.update(gradings).where(gradings.c.key == key)
            connection.execute(update.values(result=None, is_final=False, ended_at=None))

    def see(self, run: int, found: Iterable[Seen]) -> None:
        """Note what a run has found."""
        with self._writing() as connection:
            for each in found:
                self._see(connection, run, each)

    def _see(self, connection: sa.Connection, run: int, seen: Seen) -> None:
        submissions = schema.submissions
        values = {"student": seen.student, "exercise": seen.exercise, "digest": seen.digest}
        is_it = sa.and_(*(submissions.c[name] == value for name, value in values.items()))
        insert = self._insert(submissions).values({**values, "found_at": _now()})
        connection.execute(insert.on_conflict_do_nothing())
        number = connection.execute(sa.select(submissions.c.id).where(is_it)).scalar_one()
        how = {"key": seen.key, "place": seen.place, "is_late": seen.is_late}
        insert = self._insert(schema.seen).values({"run": run, "submission": number, **how})
        connection.execute(insert.on_conflict_do_nothing())

    def results(self) -> Iterator[tuple[str, str, str]]:
        """The newest report of each student and exercise: (student, exercise, JSON)."""
        submissions, seen, gradings = schema.submissions, schema.seen, schema.gradings
        newest = (
            sa.select(
                submissions.c.student, submissions.c.exercise, sa.func.max(seen.c.run).label("run")
            )
            .join(seen, seen.c.submission == submissions.c.id)
            .join(gradings, gradings.c.key == seen.c.key)
            .where(gradings.c.result.is_not(None))
            .group_by(submissions.c.student, submissions.c.exercise)
            .subquery()
        )
        query = (
            sa.select(submissions.c.student, submissions.c.exercise, gradings.c.result)
            .join(seen, seen.c.submission == submissions.c.id)
            .join(gradings, gradings.c.key == seen.c.key)
            .join(
                newest,
                (newest.c.student == submissions.c.student)
                & (newest.c.exercise == submissions.c.exercise)
                & (newest.c.run == seen.c.run),
            )
            .order_by(submissions.c.exercise, submissions.c.student)
        )
        with self._reading() as connection:
            for row in connection.execute(query):
                yield row.student, row.exercise, row.result

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with _told(self._url), self._engine.begin() as connection:
            yield connection

    _reading = _writing


def _engine(url: str) -> sa.Engine:
    if "://" not in url:
        engine = sa.create_engine(
            sa.URL.create("sqlite", database=url), connect_args={"timeout": _BUSY_SECONDS}
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        parsed = sa.make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        return sa.create_engine(parsed)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise UserError(
            Text(f"{_shown(url)} is no address of a store.", f"{_shown(url)} 不是存储的地址。"),
            Text(
                "Give a path, or postgresql://USER@HOST/NAME (it needs the package psycopg).",
                "请给出路径，或 postgresql://用户@主机/库名（需要 psycopg 这个包）。",
            ),
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # SQLAlchemy begins transactions itself, see below; the driver would begin them late.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A reader that begins to write may find that another has written since; it cannot wait then.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: sa.Engine, url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            newest = ScriptDirectory.from_config(config).get_current_head()
            raise UserError(
                Text(
                    f"The store {_shown(url)} was written by a newer version of grade than this "
                    f"one, which knows its schema {newest}.",
                    f"存储 {_shown(url)} 由更新版本的 grade 写成，当前版本只认识结构 {newest}。",
                ),
                Text("Use that version.", "请使用那个版本。"),
            ) from error


@contextlib.contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn what the database refuses, once it is open, into one sentence."""
    try:
        yield
    except sa.exc.OperationalError as error:
        raise GraderFault(
            Text(
                f"The store {_shown(url)} fails: {_reason(error)}.",
                f"存储 {_shown(url)} 出错：{_reason(error)}。",
            ),
            Text(
                "What was reported so far is kept. Make room or mend the connection, and run it "
                "again: it goes on where it was.",
                "已报告的结果都已保存。请腾出空间或修复连接，再运行一次，会从中断处继续。",
            ),
        ) from error


def _reason(error: sa.exc.DatabaseError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else str(error)


def _shown(url: str) -> str:
    """An address without its password."""
    return sa.make_url(url).render_as_string() if "://" in url else url


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
