"""Reports on disk: the right format, whole or not at all."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.errors import UserError
from grader.reports import load_json, write_report
from tests.reports import cases


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.html", "<!doctype html>"),
        ("a.HTML", "<!doctype html>"),
        ("a.json", "{"),
        ("a.xml", "<?xml"),
        ("a.md", "## "),
    ],
)
def test_ending_chooses_the_format(name: str, start: str, tmp_path: Path) -> None:
    """Each of the four endings gives its format, and nothing else is left in the folder."""
    write_report(cases.mixed(), tmp_path / name, "en")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_written_json_reads_back(tmp_path: Path) -> None:
    """A file written is a file that can be loaded."""
    write_report(cases.hostile(), tmp_path / "a.json", "zh")
    assert load_json((tmp_path / "a.json").read_text(encoding="utf-8")) == cases.hostile()


@pytest.mark.parametrize("name", ["a.pdf", "a", ".html", "a.json.gz", "a\x1b.\ud800"])
def test_other_endings_are_refused(name: str, tmp_path: Path) -> None:
    """Any other name raises a UserError whose next step names the four endings."""
    with pytest.raises(UserError) as caught:
        write_report(cases.mixed(), tmp_path / name, "en")
    assert caught.value.next_step is not None
    for ending in (".html", ".json", ".xml", ".md"):
        assert ending in caught.value.next_step.en
        assert ending in caught.value.next_step.zh
    assert caught.value.message.en.isprintable()


@pytest.mark.parametrize("name", ["missing/a.md", "file/a.md", "folder.md", "x" * 300 + ".md"])
def test_what_cannot_be_written_is_one_sentence(name: str, tmp_path: Path) -> None:
    """A missing folder, a file for a folder, a folder for a file: UserError and no leftovers."""
    (tmp_path / "file").touch()
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        write_report(cases.mixed(), tmp_path / name, "en")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.md"]


@contextmanager
def _file_size_limit(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_failed_write_keeps_the_old_report(tmp_path: Path) -> None:
    """When the disk takes only a part, the old file stays whole and no part is left."""
    path = tmp_path / "a.json"
    write_report(cases.all_passed(), path, "en")
    with _file_size_limit(1000), pytest.raises(UserError, match="cannot be written"):
        write_report(cases.mixed(), path, "en")
    assert load_json(path.read_text(encoding="utf-8")) == cases.all_passed()
    assert [found.name for found in tmp_path.iterdir()] == ["a.json"]
