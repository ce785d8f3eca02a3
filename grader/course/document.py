"""A YAML file read strictly: every error names the file and the line.

The file is composed into nodes and values are taken from the nodes, because nodes know their
lines and show what loading hides: duplicate keys, merge keys and aliases.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

import yaml

from grader.errors import UserError
from grader.text import Text

_MAX_BYTES = 65_536
_MAX_DEPTH = 20
_SHOWN = 300
"""Characters of a message, which may repeat what the file says."""
_STR = "tag:yaml.org,2002:str"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
# Plain numbers only: to YAML, 1:30 is 90 and 010 is 8.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?")
# YAML makes a space of a line break, and between Chinese characters there is none.
_FOLD = re.compile(r"(?<=[\u3000-\u303f\uff00-\uffef]) +|(?<=[\u2e80-\u9fff]) +(?=[\u2e80-\uffef])")
_NEXT_STEP = Text(
    "If you wrote this file, mend that line; otherwise fetch the course again.",
    "如果文件是你写的，请修改这一行；如果不是，请重新下载课程。",
)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Section:
    """A mapping of a YAML file, read key by key; what is not as it should be is a UserError."""

    def __init__(self, path: Path, node: yaml.MappingNode, name: str) -> None:
        """Take the mapping `node` of the file `path`; `name` is its key, "" for the whole file."""
        self._path = path
        self._node = node
        self._name = name
        self._values = {key.value: value for key, value in node.value}

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def names(self) -> tuple[str, ...]:
        """The keys that are there, in order."""
        return tuple(self._values)

    def allow(self, *keys: str) -> None:
        """Refuse every key but these."""
        for key_node, _ in self._node.value:
            key = key_node.value
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                en = f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(keys)}."
                zh = f"，是不是 {near[0]}？" if near else f"，这里可以写的有：{'、'.join(keys)}。"
                self.refuse(key_node, f"unknown key '{key}'{en}", f"不认识的键 {key}{zh}")

    def text(self, key: str) -> str:
        """Read one sentence or word that must be there."""
        return self._text(self._value(key), key)

    def bilingual(self, key: str) -> Text:
        """Read `{en: ..., zh: ...}`, which must be there."""
        return self.section(key).both()

    def bilinguals(self, key: str) -> tuple[Text, ...]:
        """Read a list of `{en: ..., zh: ...}`, which must be there."""
        return tuple(section.both() for section in self.sections(key, required=True))

    def both(self) -> Text:
        """Read this section itself as `{en: ..., zh: ...}`."""
        self.allow("en", "zh")
        return Text(self.text("en"), _FOLD.sub("", self.text("zh")))

    def number(self, key: str, default: float | None = None, *, zero: bool = False) -> float:
        """Read a positive number (with `zero` also 0); `default` None makes it required."""
        if default is not None and key not in self:
            return default
        return self._number(self._value(key), key, zero=zero)

    def _number(self, node: yaml.Node, key: str, *, zero: bool = False) -> float:
        is_number = isinstance(node, yaml.ScalarNode) and node.tag in _NUMBERS
        if not is_number or not _NUMBER.fullmatch(node.value):
            self.refuse(node, f"'{key}' must be a number.", f"{key} 必须是数字。")
        number = float(node.value)
        if number < 0 or (number == 0 and not zero):
            en, zh = ("0 or more", "不小于 0") if zero else ("greater than 0", "大于 0")
            self.refuse(node, f"'{key}' must be {en}.", f"{key} 必须{zh}。")
        return number

    def numbers(self, key: str) -> tuple[float, ...]:
        """Read a list of positive numbers that rise, which must be there."""
        items = list(self._items(key))
        numbers = tuple(self._number(node, key) for node in items)
        if not numbers or list(numbers) != sorted(set(numbers)):
            self.refuse_value(
                key, f"the numbers of '{key}' must rise.", f"{key} 中的数必须从小到大。"
            )
        return numbers

    def words(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Read a list of different words; `default` None makes it required, and not empty."""
        if default is not None and key not in self:
            return default
        words: list[str] = []
        for node in self._items(key):
            word = self._text(node, key)
            if word in words:
                self.refuse(node, f"'{word}' is listed twice.", f"{word} 重复了。")
            words.append(word)
        if default is None and not words:
            node = self._value(key)
            self.refuse(node, f"'{key}' must not be empty.", f"{key} 不能是空的。")
        return tuple(words)

    def section(self, key: str) -> Section:
        """Read the mapping under `key`, which must be there."""
        return self._section(self._value(key), key)

    def sections(self, key: str, *, required: bool = False) -> Iterator[Section]:
        """Read a list of mappings; none when the key is absent, unless it is required."""
        if required or key in self:
            for node in self._items(key):
                yield self._section(node, key)

    def refuse_value(self, key: str, en: str, zh: str) -> NoReturn:
        """Refuse the value of `key` for a reason in both languages."""
        self.refuse(self._values[key], en, zh)

    def refuse(self, node: yaml.Node, en: str, zh: str) -> NoReturn:
        """Refuse `node` for a reason in both languages."""
        raise _error(self._path, node.start_mark.line + 1, en, zh)

    def _value(self, key: str) -> yaml.Node:
        if key not in self._values:
            en, zh = (f" in '{self._name}'", f"{self._name} 里") if self._name else ("", "")
            self.refuse(self._node, f"'{key}' is missing{en}.", f"{zh}缺少 {key}。")
        node: yaml.Node = self._values[key]
        return node

    def _items(self, key: str) -> Iterable[yaml.Node]:
        node = self._value(key)
        if not isinstance(node, yaml.SequenceNode):
            self.refuse(
                node, f"'{key}' must be a list, as in [a, b].", f"{key} 必须是列表，例如 [a, b]。"
            )
        return list(node.value)

    def _section(self, node: yaml.Node, key: str) -> Section:
        if not isinstance(node, yaml.MappingNode):
            self.refuse(node, f"'{key}' must have keys of its own.", f"{key} 下面必须是键和值。")
        return Section(self._path, node, key)

    def _text(self, node: yaml.Node, key: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag != _STR or not node.value.strip():
            self.refuse(
                node,
                f"'{key}' must be text; put it in quotes if it looks like a number or a date.",
                f"{key} 必须是文字；看起来像数字或日期时请加引号。",
            )
        return str(node.value).strip()


def read_document(path: Path) -> Section:
    """Read a YAML file whose top is a mapping; UserError with file and line otherwise."""
    source = _source(path)
    for line, text in enumerate(source.splitlines(), start=1):
        if "\t" in text[: len(text) - len(text.lstrip())]:
            raise _error(
                path, line, "indent with spaces, not tabs.", "请用空格缩进，不要用制表符。"
            )
    node = _compose(path, source)
    if not isinstance(node, yaml.MappingNode):
        raise _error(path, 1, "the file must hold keys and values.", "文件内容必须是键和值。")
    return Section(path, node, "")


def _source(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            Text(f"{path} cannot be read: {reason}.", f"无法读取 {path}：{reason}。"), _NEXT_STEP
        ) from None
    if len(data) > _MAX_BYTES:
        raise _error(path, 1, "the file is larger than 64 KiB.", "文件超过了 64 KiB。")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(path, line, "this is not UTF-8 text.", "这里不是 UTF-8 文本。") from None


def _compose(path: Path, source: str) -> yaml.Node | None:
    """Compose the file into nodes that are a plain tree of limited depth."""
    try:
        _refuse_odd_shape(path, source)
        node: yaml.Node | None = yaml.compose(source, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "?"
        line = mark.line + 1 if mark else 1
        raise _error(
            path, line, f"this is not YAML ({problem}).", f"不是正确的 YAML（{problem}）。"
        ) from None
    if node is not None:
        _refuse_odd_keys(path, node)
    return node


def _refuse_odd_shape(path: Path, source: str) -> None:
    """Refuse aliases and deep nesting before composing, which recurses."""
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise _error(path, line, "aliases (*name) are not allowed.", "不能使用别名（*name）。")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise _error(path, line, "this is nested too deeply.", "嵌套太深了。")


def _refuse_odd_keys(path: Path, node: yaml.Node) -> None:
    """Refuse keys that are no words (the merge key << is none) and keys written twice."""
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_odd_keys(path, child)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag != _STR:
            raise _error(path, line, "a key must be a word.", "键必须是一个单词。")
        if key.value in seen:
            raise _error(
                path, line, f"the key '{key.value}' is here twice.", f"键 {key.value} 写了两次。"
            )
        seen.add(key.value)
        _refuse_odd_keys(path, value)


def _error(path: Path, line: int, en: str, zh: str) -> UserError:
    from grader.reports.visible import one_line  # noqa: PLC0415 - only after a mistake

    # A key in quotes may hold line breaks and terminal controls, and be as long as the file.
    en, zh = (one_line(text, _SHOWN) for text in (en, zh))
    return UserError(Text(f"{path}:{line}: {en}", f"{path}:{line}：{zh}"), _NEXT_STEP)
