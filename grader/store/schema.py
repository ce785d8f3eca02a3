"""The tables, as the newest migration leaves them.

    runs --< seen >-- submissions      which submissions a run has found, and by which grading
                 |                     each was judged: the history of attempts
             gradings --< checks       by content address: judged once, however often handed in
    students, decisions                the roster, and what instructors have decided; never deleted

A grading's key is the digest of everything that its verdicts depend on (`grader.batch.address`).
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()
_KEY = String(64)


class _Time(TypeDecorator[dt.datetime]):
    """A moment in UTC: SQLite keeps no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: dt.datetime | None,
        dialect: Dialect,  # noqa: ARG002  SQLAlchemy's signature
    ) -> dt.datetime | None:
        """Turn it into UTC."""
        return value.astimezone(dt.UTC) if value else None

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: Dialect,  # noqa: ARG002  the same
    ) -> dt.datetime | None:
        """Say that it is UTC."""
        return value.replace(tzinfo=dt.UTC) if value and value.tzinfo is None else value


runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("began_at", _Time, nullable=False),
    Column("ended_at", _Time),  # null: it runs still, or was killed
    Column("place", Text, nullable=False),
    Column("grade", String(40), nullable=False),
    Column("torch", String(40), nullable=False),
    Column("device", String(20), nullable=False),
    Column("tier", String(10), nullable=False),
)
gradings = Table(
    "gradings",
    metadata,
    Column("key", _KEY, primary_key=True),
    Column("exercise", String(100), nullable=False, index=True),
    Column("seed", BigInteger, nullable=False),
    Column("began_at", _Time, nullable=False),
    Column("ended_at", _Time),
    Column("result", Text),  # the JSON report, once everything has been tried
    Column("earned", Float),  # of the report, so that a grade book need not read it
    Column("max_points", Float),
    Column("is_final", Boolean, nullable=False),  # whether nothing in it is to be tried again
)
checks = Table(
    "checks",
    metadata,
    Column("key", _KEY, ForeignKey("gradings.key", ondelete="CASCADE"), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("result", Text, nullable=False),
)
submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student", String(64), nullable=False),
    Column("exercise", String(100), nullable=False),
    Column("digest", _KEY, nullable=False),
    Column("found_at", _Time, nullable=False),
    Column("handed_in", _Time),  # where the platform says it
    UniqueConstraint("student", "exercise", "digest"),
)
seen = Table(
    "seen",
    metadata,
    Column("run", Integer, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("submission", Integer, ForeignKey("submissions.id"), primary_key=True),
    Column("key", _KEY, nullable=False, index=True),  # its grading may not have begun
    Column("place", Text, nullable=False),
    Column("is_late", Boolean, nullable=False),
)
students = Table(
    "students",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("more", JSON, nullable=False),  # every other column of the roster
)
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student", String(64), nullable=False, index=True),
    Column("exercise", String(100), nullable=False),
    Column("kind", String(20), nullable=False),  # override, comment, excuse or extension
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("decided_at", _Time, nullable=False),
    Column("undone_at", _Time),
)
