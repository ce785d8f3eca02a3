"""A new exercise that works, made from the templates beside this file, for an author to edit."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from string import Template

from grader.course.course import Course
from grader.errors import UserError
from grader.text import Text

_HALVES = ("exercises", "solutions")
_ENDING = ".template"
_NAME = re.compile(r"(?:ex)?0*([0-9]{1,4})(?:_([a-z0-9][a-z0-9_]*))?")
_FOLDER = re.compile(r"ex([0-9]+)_")
_LONGEST = 60
"""Characters of a name or a title."""


def name_exercise(word: str, title: str | None) -> str:
    """Return the folder's name for ex08_pool, 8_pool, or 8 with a title; UserError otherwise."""
    match = _NAME.fullmatch(word)
    if match is None or len(word) > _LONGEST:
        raise UserError(
            Text("This is no name for an exercise.", "这不是练习的名字。"),
            next_step=Text(
                "Write a number and a name in lower case, as in `grade new ex08_pool`.",
                "请写编号和小写的英文名字，例如 `grade new ex08_pool`。",
            ),
        )
    slug = match[2] or _slug(title)
    if not slug:
        raise UserError(
            Text("The exercise has a number but no name.", "练习只有编号，没有名字。"),
            next_step=Text(
                f'Write `grade new ex{int(match[1]):02d}_NAME`, or add --title "English title".',
                f'请写 `grade new ex{int(match[1]):02d}_名字`（英文），或加上 --title "英文标题"。',
            ),
        )
    return f"ex{int(match[1]):02d}_{slug}"


def check_title(title: str) -> str:
    """Return a title that fits on one line; UserError for any other."""
    title = title.strip()
    if title and title.isprintable() and len(title) <= _LONGEST:
        return title
    raise UserError(
        Text("This is no title for an exercise.", "这不是合适的标题。"),
        next_step=Text(
            f"Write one line of at most {_LONGEST} characters.",
            f"请写一行，最多 {_LONGEST} 个字符。",
        ),
    )


def make_exercise(course: Course, name: str, title: str) -> list[Path]:
    """Write both halves of a new exercise and return their files; UserError when it is there.

    When something cannot be written nothing is left.
    """
    _require_free(course, name)
    words = {"name": name, "title": title, "yaml_title": json.dumps(title, ensure_ascii=False)}
    folders = [course.root / half / name for half in _HALVES]
    try:
        return [
            path
            for half, folder in zip(_HALVES, folders, strict=True)
            for path in _fill(Path(__file__).parent / half, folder, words)
        ]
    except BaseException as error:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise _unwritable(course, error) from error
        raise


def _slug(title: str | None) -> str:
    return re.sub(r"[^a-z0-9]+", "_", (title or "").lower()).strip("_")


def _require_free(course: Course, name: str) -> None:
    """Refuse a number that another exercise has, in either half."""
    taken = {
        int(match[1]): path
        for half in _HALVES
        for path in sorted((course.root / half).glob("*"))
        if (match := _FOLDER.match(path.name))
    }
    number = int(name[2:].partition("_")[0])
    if number in taken:
        path, free = taken[number], max(taken) + 1
        raise UserError(
            Text(
                f"The number {number} is taken: {path} is there.",
                f"编号 {number} 已经用过了：{path} 已存在。",
            ),
            next_step=Text(f"Take another number; {free} is free.", f"请换一个编号，例如 {free}。"),
        )


def _unwritable(course: Course, error: OSError) -> UserError:
    place, reason = error.filename or course.root, error.strerror or str(error)
    return UserError(
        Text(f"{place} cannot be written: {reason}.", f"无法写入 {place}：{reason}。"),
        next_step=Text(
            "Make room for it, or look at who owns the folder (ls -l).",
            "请腾出位置，或检查文件夹的所有者和权限（ls -l）。",
        ),
    )


def _fill(templates: Path, folder: Path, words: dict[str, str]) -> list[Path]:
    """Write every template of a folder with the words put in."""
    made = []
    for template in sorted(templates.rglob(f"*{_ENDING}")):
        place = folder / template.relative_to(templates).parent
        path = place / template.name.removesuffix(_ENDING).replace("NAME", words["name"])
        place.mkdir(parents=True, exist_ok=True)
        text = Template(template.read_text(encoding="utf-8")).substitute(words)
        path.write_text(text, encoding="utf-8")
        made.append(path)
    return made
