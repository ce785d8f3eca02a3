"""Write a report to a file: the ending of its name chooses the format."""

from __future__ import annotations

import importlib
import os
import secrets
from pathlib import Path
from typing import Protocol, cast

from grader.errors import UserError
from grader.judge.results import SubmissionResult
from grader.reports.jsonreport import to_json
from grader.reports.visible import one_line
from grader.text import Lang, Text

# For people; imported when asked for, as jinja2 takes its time.
_MODULES = {".html": "html", ".md": "markdown", ".xml": "junit"}


class _Format(Protocol):
    """A module that renders one format."""

    def render(self, result: SubmissionResult, lang: Lang) -> str: ...


def write_report(result: SubmissionResult, path: Path, lang: Lang) -> None:
    """Write a result as .html, .json, .md or .xml; JSON holds both languages.

    A file of that name is replaced as a whole or not at all. Raises UserError for any other
    ending and when the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending == ".json":
        text = to_json(result)
    elif ending in _MODULES:
        module = importlib.import_module(f"grader.reports.{_MODULES[ending]}")
        text = cast("_Format", module).render(result, lang)
    else:
        raise _unknown_ending(path)
    try:
        _replace(path, text.encode())
    except OSError as error:
        raise _cannot_write(path, error) from error


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file and rename, so that no reader ever sees half a report."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _unknown_ending(path: Path) -> UserError:
    name = one_line(str(path))
    return UserError(
        Text(
            f"The ending of {name} names no report format.",
            f"{name} 的扩展名不对应任何报告格式。",
        ),
        Text(
            "Choose a name that ends with .html, .json, .xml or .md.",
            "请使用以 .html、.json、.xml 或 .md 结尾的文件名。",
        ),
    )


def _cannot_write(path: Path, error: OSError) -> UserError:
    name, reason = one_line(str(path)), error.strerror or str(error)
    return UserError(
        Text(
            f"The report {name} cannot be written: {reason}.",
            f"无法写入报告 {name}：{reason}。",
        ),
        Text(
            "Check that the folder is there, that you may write to it and that the disk has room.",
            "请确认文件夹存在、你有写入权限，并且磁盘没有满。",
        ),
    )
