"""Which exercise a typed name means: number, slug, part of a name or path."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from pathlib import PurePath

from grader.errors import UserError
from grader.text import Text

_NUMBERED = re.compile(r"(?:ex)?([0-9]+)(?:_([a-z0-9_]*))?")
_LISTED = 6
_SHOWN = 60
"""So many characters of what was typed are repeated in a message."""


def best_match(typed: str, names: Sequence[str]) -> str:
    """Return the one of `names` (ex07_conv ...) that `typed` means; UserError otherwise."""
    wanted = _word(typed, names)
    for is_meant in _readings(wanted):
        found = [name for name in names if is_meant(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise _ambiguous(typed, found)
    raise _unknown(typed, wanted, names)


def _word(typed: str, names: Sequence[str]) -> str:
    """Reduce a path to the part that names an exercise, and bring the word to one spelling."""
    parts = [PurePath(part).stem.lower() for part in re.split(r"[/\\]", typed) if part]
    if not parts:
        return ""
    named = [part for part in parts if part in names]
    return (named or parts)[-1].strip().replace("-", "_").replace(" ", "_")


def _readings(wanted: str) -> list[Callable[[str], bool]]:
    """Return the ways to read the word, the most exact first."""
    if not wanted:
        return []
    numbered = _NUMBERED.fullmatch(wanted)
    readings: list[Callable[[str], bool]] = [lambda name: name == wanted]
    if numbered:
        number, slug = numbered[1].lstrip("0"), numbered[2] or ""
        readings.append(lambda name: _number(name) == number and _slug(name) == slug)
        readings.append(lambda name: _number(name) == number and _slug(name).startswith(slug))
        return readings
    return [
        *readings,
        lambda name: _slug(name) == wanted,
        lambda name: _slug(name).startswith(wanted) or name.startswith(wanted),
        lambda name: wanted in name,
    ]


def _number(name: str) -> str:
    return name[2:].split("_", 1)[0].lstrip("0")


def _slug(name: str) -> str:
    return name.split("_", 1)[1]


def _near(wanted: str, names: Sequence[str]) -> list[str]:
    """Up to three names that look like the word, by whole name or by slug."""
    likeness = {
        name: max(
            difflib.SequenceMatcher(a=wanted, b=spelling).ratio()
            for spelling in (name, _slug(name))
        )
        for name in names
    }
    near = [name for name in names if likeness[name] >= 0.6]
    return sorted(near, key=lambda name: -likeness[name])[:3]


def _unknown(typed: str, wanted: str, names: Sequence[str]) -> UserError:
    message = Text(f"There is no exercise {_shown(typed)}.", f"没有叫 {_shown(typed)} 的练习。")
    near = _near(wanted[:_SHOWN], names)
    if near:
        return UserError(
            message,
            next_step=Text(
                f"Did you mean {' or '.join(near)}?", f"你要找的是不是 {' 或 '.join(near)}？"
            ),
        )
    return UserError(
        message,
        next_step=Text(
            "`grade list` shows every exercise of the course.",
            "运行 `grade list` 可以看到课程的全部练习。",
        ),
    )


def _ambiguous(typed: str, found: Sequence[str]) -> UserError:
    listed = [*found[:_LISTED], *(["..."] if len(found) > _LISTED else [])]
    return UserError(
        Text(
            f"{_shown(typed)} fits more than one exercise: {', '.join(listed)}.",
            f"{_shown(typed)} 对应不止一个练习：{'、'.join(listed)}。",
        ),
        next_step=Text(
            "Type more of the name, or the number.", "请把名字写完整一些，或者直接写编号。"
        ),
    )


def _shown(typed: str) -> str:
    """Quote what was typed, cut, with control characters escaped."""
    return repr(typed if len(typed) <= _SHOWN else f"{typed[:_SHOWN]}...")
