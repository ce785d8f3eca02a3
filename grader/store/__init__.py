"""The store of a class: what was handed in, and every check's result as soon as it exists.

SQLite in one file by default, PostgreSQL by URL. Nothing else in the product speaks SQL.
"""

from grader.store.ledger import Decision, Kept, Kind, Ledger
from grader.store.store import KeptGrading, Report, RunInfo, Seen, Store, StoredGrading

__all__ = [
    "Decision",
    "Kept",
    "KeptGrading",
    "Kind",
    "Ledger",
    "Report",
    "RunInfo",
    "Seen",
    "Store",
    "StoredGrading",
]
