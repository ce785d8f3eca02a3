"""The database behind a store: opened, brought up to date, and every refusal told in a sentence."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql, sqlite

from grader.errors import GraderFault, UserError
from grader.text import Text

_MIGRATIONS = Path(__file__).with_name("migrations")
_BUSY_SECONDS = 120.0
"""How long a writer waits for another; each holds the store for some milliseconds."""
_MIGRATING = 0x6772616465
"""PostgreSQL's advisory lock for those who migrate: "grade" in ASCII."""


class Database:
    """An open database with the newest schema; for several threads."""

    def __init__(self, url: str) -> None:
        """Open it and migrate it.

        `url` is a path, or "postgresql://..."; a SQLite file that is not there is made. UserError
        where it cannot be opened, is no store, or was written by a newer version.
        """
        self._url = url
        self._engine = _engine(url)
        # SQLite looks for its turn in growing intervals, up to a tenth of a second.
        is_sqlite = self._engine.dialect.name == "sqlite"
        self._turn = threading.Lock() if is_sqlite else contextlib.nullcontext()
        try:
            _migrate(self._engine, url)
        except sa.exc.DatabaseError as error:
            self.close()
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
            self.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Give a connection whose work is on the disk when the block has ended."""
        with _told(self._url), self._turn, self._engine.begin() as connection:
            yield connection

    def add(self, connection: sa.Connection, table: sa.Table, values: Mapping[str, object]) -> bool:
        """Insert a row, unless one with its key or its unique values is there; whether it was."""
        insert = _insert(self._engine.dialect.name, table)
        return connection.execute(insert, dict(values)).rowcount == 1


@functools.cache
def _insert(dialect: str, table: sa.Table) -> sa.Insert:
    """Build it once: SQLAlchemy takes longer for that than SQLite to carry it out."""
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def now() -> dt.datetime:
    """The time, as the store keeps it."""
    return dt.datetime.now(dt.UTC)


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
