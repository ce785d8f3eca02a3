"""What a promise says of a run, and what holds for every run whatever was handed in."""

from __future__ import annotations

import base64
import functools
import html.parser
import io
import json
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

from grader.reports import load_json, print_plain
from grader.sandbox.witness import PROMISES
from grader.text import Lang
from tests.outcomes import FAKE_COURSE, FORMATS, Promise, Run, listed

# Stand in the fake course's hidden checks: in their text and names, in inputs, in expected values.
_WORDS = ("HIDDEN_SENTINEL", "hidden_sentinel")
_NUMBERS = (48271.625, 96543.25)


def check_promise(run: Run, promise: Promise, lang: Lang) -> None:
    """The exit code, the text and, in English, the verdicts with their causes are as promised."""
    check_text(run, promise, lang)
    if promise.is_refused:
        assert run.reports == {}
    else:
        result = json.loads(run.reports["json"].read_text("utf-8"))
        check_result(result, promise)
        _check_chinese(run, promise)


def check_text(run: Run, promise: Promise, lang: Lang) -> None:
    """What is printed, where, and with which exit code."""
    assert run.ended.code == promise.exit, run.ended
    shown, other = run.ended.out, run.ended.err
    if promise.is_refused:
        shown, other = other, shown
    assert other == ""
    pieces = promise.en if lang == "en" else promise.zh
    assert [piece for piece in pieces if piece not in shown] == [], shown
    if promise.is_refused:
        assert len(shown.splitlines()) == 2, shown  # what is wrong, and what to do now
    for name, text in run.texts().items():
        assert [word for word in promise.never if word in text] == [], name


def check_result(result: dict[str, Any], promise: Promise) -> None:
    """Every verdict with the kinds of its causes, the rules, the score and the tier."""
    found = {
        check["name"]: [check["verdict"], *(cause["kind"] for cause in check["causes"])]
        for check in result["checks"]
    }
    assert found == _promised_checks(promise, list(found)), result
    assert (result["problem"] or {}).get("kind") == promise.problem
    if promise.cell is not None:
        assert result["problem"]["data"]["cell"] == promise.cell
    broken = [cause["kind"] for rule in result["rules"] for cause in rule["broken"]]
    assert broken == list(promise.rules)
    assert promise.score in (None, result["score"])
    tiers = list(PROMISES)
    asked = [tier for tier in tiers if tier in promise.arguments]
    assert result["conditions"]["tier"] == max([own_tier(), *asked], key=tiers.index)


def _check_chinese(run: Run, promise: Promise) -> None:
    printed = io.StringIO()
    print_plain(load_json(run.reports["json"].read_text("utf-8")), printed, "zh")
    assert [piece for piece in promise.zh if piece not in printed.getvalue()] == []


def _promised_checks(promise: Promise, names: list[str]) -> dict[str, list[str]]:
    if isinstance(promise.checks, str):
        return {name: [promise.checks] for name in names}
    return {
        name: said if isinstance(said, list) else [said] for name, said in promise.checks.items()
    }


@functools.cache
def own_tier() -> str:
    """The tier of this machine outside of any fence."""
    from grader.judge.attempt import examine

    return examine().tier


def check_invariants(run: Run) -> None:
    """Hold for every outcome there is."""
    _check_secrets(run)
    _check_reports(run)
    _check_points(run)
    _check_leftovers(run)


def _check_secrets(run: Run) -> None:
    """No traceback of ours, nothing of a hidden check and nothing that acts on a terminal."""
    for name, text in run.texts().items():
        assert "Traceback" not in text, text
        assert [each for each in text if each < " " and each != "\n"] == [], name
    secrets = list(hidden_secrets())
    seen = {name: text.encode() for name, text in run.texts().items()}
    seen |= listed(run.folder / "state")
    for name, data in seen.items():
        assert [secret for secret in secrets if secret in data] == [], name


@functools.cache
def hidden_secrets() -> frozenset[bytes]:
    """The sentinels of the fake course's hidden checks, in every form that a report could hold."""
    return frozenset(_spellings())


def _spellings() -> Iterator[bytes]:
    yield from (word.encode() for word in _WORDS)
    for number in _NUMBERS:
        digits = str(int(number))
        yield digits.encode()
        yield f"{digits[0]}.{digits[1:]}".encode()  # 4.8271625e+04
        for layout in ("<f", ">f", "<d", ">d"):
            raw = struct.pack(layout, number).strip(b"\0")
            yield raw.hex().encode()
            yield repr(raw)[2:-1].encode()
            yield base64.b64encode(struct.pack(layout, number))[:5]


def _check_reports(run: Run) -> None:
    """Every report can be read by what it is written for."""
    reports = run.reports
    if not reports:
        return
    assert set(reports) == set(FORMATS)
    result = load_json(reports["json"].read_text("utf-8"))
    suite = ET.parse(reports["xml"]).getroot()  # noqa: S314  our own file, in a test
    told = [*result.checks, *result.rules, *([result.problem] if result.problem else [])]
    assert len(list(suite.iter("testcase"))) == len(told)
    page = _Page()
    page.feed(reports["html"].read_text("utf-8"))
    assert page.opened == []
    assert page.scripts == 0
    assert reports["md"].read_text("utf-8").startswith("#")


def _check_points(run: Run) -> None:
    """Points come from passed checks alone, and nothing that was handed in is our own fault."""
    assert run.ended.code in {0, 1, 2}, run.ended
    if not run.reports:
        return
    result = json.loads(run.reports["json"].read_text("utf-8"))
    checks = result["checks"]
    # How long a hidden check took could carry its inputs out.
    assert {check["seconds"] for check in checks if check["hidden"]} <= {None}
    assert result["public_only"] or result["seconds"] == int(result["seconds"])
    assert "grader_error" not in {check["verdict"] for check in checks}
    earned = sum(check["max"] for check in checks if check["verdict"] == "passed")
    lost = sum(rule["penalty"] for rule in result["rules"] if rule["broken"])
    assert result["score"] == max(0, earned - lost)


def _check_leftovers(run: Run) -> None:
    """No process, no group, no file is left, and the course is as it was."""
    assert run.ended.survivors == ()
    assert run.ended.groups == ()
    assert run.ended.files == ()
    assert list((run.folder / "tmp").iterdir()) == []
    pristine = listed(FAKE_COURSE)
    graded = listed(run.folder / "course")
    assert set(graded) == set(pristine) - {"conftest.py"}
    changed = [name for name, content in graded.items() if pristine[name] != content]
    assert [name for name in changed if not name.endswith("exercise.yaml")] == []


class _Page(html.parser.HTMLParser):
    """Reads an HTML page; `opened` holds the elements that were never closed in order."""

    _VOID = ("meta", "br", "hr", "img", "link", "input", "col")

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, and whatever could run in it."""
        runs = any(name.startswith("on") for name, _ in attrs)
        self.scripts += runs or tag == "script"
        if tag not in self._VOID:
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        if self.opened[-1:] == [tag]:
            self.opened.pop()
