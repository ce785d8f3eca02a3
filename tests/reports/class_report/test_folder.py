"""Where the report goes: whole or not at all, and never over something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import UserError
from grader.reports.class_report.folder import MARKER, written
from grader.reports.class_report.leaderboard import read_key


def test_it_replaces_only_what_is_ours(tmp_path: Path) -> None:
    """An empty folder and an older report, and nothing that somebody else has made."""
    out = tmp_path / "out"
    out.mkdir()
    for text in ("first", "second"):
        with written(out) as folder:
            folder.write("pages/index.html", text)
        assert (out / "pages/index.html").read_text() == text
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    (out / MARKER).unlink()
    with pytest.raises(UserError, match="no class report"), written(out):
        pass
    assert (out / "pages/index.html").read_text() == "second"
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(out)
    for name in ("file", "link"):
        with pytest.raises(UserError, match="no class report"), written(tmp_path / name):
            pass


def test_a_run_that_fails_leaves_the_older_report(tmp_path: Path) -> None:
    """And what a killed one has left goes with the next."""
    out = tmp_path / "out"
    with written(out) as folder:
        folder.write("index.html", "old")
    with pytest.raises(UserError, match="cannot be written"):
        _write_twice(out)
    assert (out / "index.html").read_text() == "old"
    left = tmp_path / ".out.new"
    left.mkdir()
    (left / MARKER).touch()
    with written(out) as folder:
        folder.write("index.html", "newer")
    assert (out / "index.html").read_text() == "newer"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def _write_twice(out: Path) -> None:
    """Fail in the middle: no page is written over."""
    with written(out) as folder:
        folder.write("index.html", "new")
        folder.write("index.html", "again")


def test_the_key_is_made_once(tmp_path: Path) -> None:
    """What is no key is refused."""
    path = tmp_path / "key"
    assert read_key(path) == read_key(path)
    assert [each.name for each in tmp_path.iterdir()] == ["key"]
    path.write_text("")
    with pytest.raises(UserError, match="cannot be used"):
        read_key(path)
