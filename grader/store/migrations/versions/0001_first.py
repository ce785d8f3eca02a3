"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.String(64)
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("grade", sa.String(40), nullable=False),
        sa.Column("torch", sa.String(40), nullable=False),
        sa.Column("device", sa.String(20), nullable=False),
        sa.Column("tier", sa.String(10), nullable=False),
    )
    op.create_table(
        "gradings",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("exercise", sa.String(100), nullable=False, index=True),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("result", sa.Text),
        sa.Column("earned", sa.Float),
        sa.Column("max_points", sa.Float),
        sa.Column("is_final", sa.Boolean, nullable=False),
    )
    op.create_table(
        "checks",
        sa.Column("key", _KEY, sa.ForeignKey("gradings.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("result", sa.Text, nullable=False),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("student", sa.String(64), nullable=False),
        sa.Column("exercise", sa.String(100), nullable=False),
        sa.Column("digest", _KEY, nullable=False),
        sa.Column("found_at", _TIME, nullable=False),
        sa.Column("handed_in", _TIME),
        sa.UniqueConstraint("student", "exercise", "digest"),
    )
    op.create_table(
        "seen",
        sa.Column(
            "run", sa.Integer, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("submission", sa.Integer, sa.ForeignKey("submissions.id"), primary_key=True),
        sa.Column("key", _KEY, nullable=False, index=True),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("is_late", sa.Boolean, nullable=False),
    )
    op.create_table(
        "students",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("more", sa.JSON, nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("student", sa.String(64), nullable=False, index=True),
        sa.Column("exercise", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("decided_at", _TIME, nullable=False),
        sa.Column("undone_at", _TIME),
    )


def downgrade() -> None:
    """Drop them again."""
    for table in ("decisions", "students", "seen", "submissions", "checks", "gradings", "runs"):
        op.drop_table(table)
