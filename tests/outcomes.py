"""Running one outcome folder: the real command on a copy of the fake course.

<tmp_path>/
|-- course/     a copy of the fake course; its root is the command's current folder
|-- handed_in/  the submission, made from the case's folder
|-- reports/    report.json, .html, .md and .xml
|-- state/      the command's own state, and its home
'-- tmp/        its temporary folder
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from grader.text import Lang
from tests import fence
from tests.fence import Ended, run_fenced, run_watched

CASES = Path(__file__).parent / "cases"
FAKE_COURSE = Path(__file__).parent / "fake_course"
FORMATS = ("json", "html", "md", "xml")
_TIMEOUT = 300.0
_MEGABYTES = 4096
_PROCESSES = 900


@dataclass(frozen=True)
class Promise:
    """What promise.yaml says; tests/cases/README.md explains the keys."""

    exit: int
    exercise: str = "ex01_add"
    submission: str = "ex01_add.py"
    arguments: tuple[str, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    link: str | None = None
    build: str | None = None
    problem: str | None = None
    cell: int | None = None
    checks: str | dict[str, str | list[str]] = "not_run"
    rules: tuple[str, ...] = ()
    score: float | None = None
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    harmful: bool = False
    attack: dict[str, Any] = field(default_factory=dict)
    lite: dict[str, Any] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        """Whether the command ends without grading anything."""
        return self.exit == 2

    def on(self, tier: str) -> Promise:
        """What is promised on a tier: its own section says what differs there."""
        return replace(self, **_tupled(self.lite)) if tier == "lite" else self


def promise_of(case: Path) -> Promise:
    """Read the promise of a case; a key that means nothing is an error."""
    return Promise(**_tupled(yaml.safe_load((case / "promise.yaml").read_text("utf-8"))))


def _tupled(said: dict[str, Any]) -> dict[str, Any]:
    lists = {each.name for each in fields(Promise) if each.default == ()}
    return {key: tuple(said[key]) if key in lists else said[key] for key in said}


@dataclass(frozen=True)
class Run:
    """A case that has been run."""

    folder: Path
    ended: Ended

    @property
    def reports(self) -> dict[str, Path]:
        """The reports that were written, by their ending."""
        return {path.suffix[1:]: path for path in sorted((self.folder / "reports").iterdir())}

    def texts(self) -> dict[str, str]:
        """Everything that a student may see of it: the printed text and every report."""
        reports = {name: path.read_text("utf-8") for name, path in self.reports.items()}
        return {"terminal": self.ended.out, "errors": self.ended.err, **reports}


def run_case(case: Path, folder: Path, lang: Lang, arguments: Sequence[str] = ()) -> Run:
    """Run the command on a case, behind the fence where one can be made."""
    promise = promise_of(case)
    path = Path("..") / prepare(case, promise, folder).relative_to(folder)
    words = [sys.executable, "-m", "grader.cli", promise.exercise, str(path), "--lang", lang]
    words += ["--format", "plain", "--seed", "20", *promise.arguments, *arguments]
    for ending in FORMATS:
        words += ["--report", str(folder / "reports" / f"report.{ending}")]
    where: dict[str, Any] = {
        "timeout": _TIMEOUT,
        "cwd": folder / "course",
        "env": {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "state"),
            "GRADE_STATE_DIR": str(folder / "state"),
            "TMPDIR": str(folder / "tmp"),
            "LANG": "C.UTF-8",
        },
    }
    if fence.lacking() is None:
        ended = run_fenced(words, megabytes=_MEGABYTES, processes=_PROCESSES, **where)
    else:
        ended = run_watched(words, **where)
    return Run(folder, ended)


def prepare(case: Path, promise: Promise, folder: Path) -> Path:
    """Lay out `folder` for a case; return the path of the submission in it."""
    for name in ("reports", "state", "tmp", "handed_in"):
        (folder / name).mkdir()
    _copy_course(folder / "course", promise)
    return _hand_in(case, promise, folder / "handed_in")


def listed(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` with its content, and every folder, but for Python's caches."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if "__pycache__" not in path.parts:
            content = path.read_bytes() if path.is_file() else b""
            found[str(path.relative_to(folder))] = content
    return found


def _copy_course(target: Path, promise: Promise) -> None:
    ignored = shutil.ignore_patterns("conftest.py", "__pycache__")
    shutil.copytree(FAKE_COURSE, target, ignore=ignored)
    if promise.limits:
        path = target / "exercises" / promise.exercise / "exercise.yaml"
        document = yaml.safe_load(path.read_text("utf-8"))
        document["limits"] = {**document.get("limits", {}), **promise.limits}
        path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")


def _hand_in(case: Path, promise: Promise, target: Path) -> Path:
    """Make the submission in `target`; return the path that the command is given."""
    path = target / promise.submission
    if promise.build:
        runpy.run_path(str(case / promise.build))["build"](path)
    elif path.suffix == ".zip" and promise.files:
        with zipfile.ZipFile(path, "w") as archive:
            for name, file in promise.files.items():
                archive.writestr(name, (case / file).read_bytes())
    elif promise.files:
        path.mkdir()
        for name, file in promise.files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(case / file, path / name)
        if promise.link:
            (path / promise.link).symlink_to("/etc/passwd")
    elif (case / promise.submission).exists():
        shutil.copy(case / promise.submission, path)
    return path
