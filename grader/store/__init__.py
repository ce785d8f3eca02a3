"""The store of a class: what was handed in, and every check's result as soon as it exists.

SQLite in one file by default, PostgreSQL by URL. Nothing else in the product speaks SQL.
"""

from grader.store.store import KeptGrading, RunInfo, Seen, Store, open_store

__all__ = ["KeptGrading", "RunInfo", "Seen", "Store", "open_store"]
