"""The tables, as the newest migration leaves them.

    runs --< seen >-- submissions      which submissions a run has found, and by which grading
                 |                     each was judged: the history of attempts
             gradings --< checks       by content address: judged once, however often handed in

A grading's key is the digest of everything that its verdicts depend on (`grader.batch.address`).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()
_KEY = String(64)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),  # null: it runs still, or was killed
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
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("result", Text),  # the JSON report, once everything has been tried
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
    Column("found_at", DateTime(timezone=True), nullable=False),
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
