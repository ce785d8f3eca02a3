"""A CSV that an instructor gives: rows by the names of their columns, each with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from grader.errors import UserError
from grader.submission.names import shown
from grader.text import Text

_MOST_BYTES = 16 << 20


def read_rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows of a CSV that has the columns `needed`, each with its line.

    Comma, semicolon or tab; UTF-8, with or without a mark, as spreadsheets write it. Column names
    are compared in lower case. UserError when it is not such a file.
    """
    text = _text(path)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        for name in needed:
            if name not in header:
                raise broken(path, 1, f"there is no column {name}", f"没有 {name} 这一列")
        for row in reader:
            if any(row):
                values = [value.strip() for value in row] + [""] * (len(header) - len(row))
                yield reader.line_num, dict(zip(header, values, strict=False))
    except csv.Error as error:
        raise broken(path, reader.line_num, f"{error}", f"{error}") from error


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UserError(
            Text(
                f"{path} cannot be read: {error.strerror}.", f"无法读取 {path}：{error.strerror}。"
            ),
            next_step=Text("Check the path.", "请检查路径。"),
        ) from error
    if len(data) > _MOST_BYTES:
        raise broken(path, 1, "the file is larger than any class", "文件大得不正常")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise broken(path, line, "this is not UTF-8", "不是 UTF-8 编码") from error


def broken(path: Path, line: int, en: str, zh: str) -> UserError:
    """The error for a line that is not as it should be."""
    return UserError(
        Text(f"{path}, line {line}: {shown(en)}.", f"{path} 第 {line} 行：{shown(zh)}。"),
        next_step=Text(
            "Mend the line; the file has to be CSV in UTF-8, with the names of the columns first.",
            "请改正这一行；文件须为 UTF-8 的 CSV，第一行是列名。",
        ),
    )
