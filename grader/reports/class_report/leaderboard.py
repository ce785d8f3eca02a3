"""A ranking of timed tasks under pseudonyms: nothing in it says who anybody is."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UserError
from grader.reports.class_report.timings import TimedCheck
from grader.text import Text

_KEY_BYTES = 32
_LETTERS = 8


@dataclass(frozen=True)
class Place:
    """One line of a ranking."""

    rank: int
    """Equal for those whose figures look equal."""
    pseudonym: str
    value: str
    low: str
    high: str


@dataclass(frozen=True)
class Ranking:
    """One timed task on one device."""

    exercise: str
    title: Text
    sentence: Text
    device: str
    places: tuple[Place, ...]


def read_key(path: Path) -> bytes:
    """Read the key that pseudonyms are made with; made at random where there is none yet.

    Only its owner can read the file. UserError where it is not a key or cannot be written.
    """
    try:
        if not path.exists():
            _make_key(path)
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise _no_key(path) from error
    if len(key) != _KEY_BYTES:
        raise _no_key(path)
    return key


def pseudonym(key: bytes, student: str) -> str:
    """A name that is always the same for a student, and tells nothing without the key."""
    digest = hmac.digest(key, student.encode(), hashlib.sha256)
    letters = base64.b32encode(digest).decode()[:_LETTERS]
    return f"{letters[:4]}-{letters[4:]}"


def ranked(timed: TimedCheck, names: Mapping[str, str]) -> tuple[Place, ...]:
    """The figures of those who pass, the fastest first; suspicious ones wait for a person.

    Of equal figures the pseudonyms decide, for the order of ids would say something.
    """
    kept = [each for each in timed.figures if each.has_passed and not each.timing.is_implausible]
    shown = sorted((each.timing.value, names[each.student], each.timing) for each in kept)
    places: list[Place] = []
    for number, (_, name, timing) in enumerate(shown, 1):
        value, low, high = (f"{each:.3g}" for each in (timing.value, timing.low, timing.high))
        is_equal = bool(places) and places[-1].value == value
        places.append(Place(places[-1].rank if is_equal else number, name, value, low, high))
    return tuple(places)


def _make_key(path: Path) -> None:
    """Write a new key as a whole; of two who do so at once the first one's holds."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        temporary.touch(mode=0o600, exist_ok=False)
        temporary.write_text(secrets.token_hex(_KEY_BYTES) + "\n", "ascii")
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _no_key(path: Path) -> UserError:
    return UserError(
        Text(
            f"The key of the leaderboard {path} cannot be used.", f"无法使用排行榜的密钥 {path}。"
        ),
        Text(
            "Check that you may write there. If you delete it, everybody gets a new pseudonym.",
            "请检查写权限。若删除该文件，所有人都会得到新的化名。",
        ),
    )
