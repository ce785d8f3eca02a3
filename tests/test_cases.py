"""Every outcome folder of tests/cases keeps its promise, and no outcome breaks what always holds.

See tests/cases/README.md for the format.
"""

from __future__ import annotations

import functools
import html.parser
import io
import json
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from grader.reports import load_json, print_plain
from grader.sandbox.witness import PROMISES
from grader.text import Lang
from tests import fence
from tests.outcomes import CASES, Promise, Run, listed, promise_of, run_case

_NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir())
_HARMFUL = [name for name in _NAMES if promise_of(name).harmful]
# Of a graded case the Chinese text is made from its result, by what the command prints it with;
# these few run a second time from one end to the other, as do all that end before a result.
_IN_CHINESE = ["all_pass", "one_fails", "syntax_error"]
_IN_CHINESE += [name for name in _NAMES if promise_of(name).is_refused]

# Stand in the fake course's hidden checks: in their text, in an input and in an expected value.
_SENTINELS = ("HIDDEN_SENTINEL", "48271", "96543")
_PATIENCE = 60.0
"""Seconds in which a scratch folder of another test that runs now is gone."""


@pytest.fixture(name="case")
def _case(request: pytest.FixtureRequest) -> str:
    """Name the case, unless it does harm and cannot be fenced in here."""
    name: str = request.param
    lacking = fence.lacking()
    if promise_of(name).harmful and lacking:
        pytest.skip(lacking)
    return name


@pytest.mark.parametrize("case", _NAMES, indirect=True)
def test_case_keeps_its_promise(case: str, tmp_path: Path) -> None:
    """The exit code, the verdicts with the kinds of their causes and the text are as promised."""
    promise = promise_of(case)
    scratch = _scratch_folders()
    run = run_case(case, tmp_path, "en")
    _check_text(run, promise, "en")
    if promise.is_refused:
        assert run.reports == {}
    else:
        _check_result(run, promise)
        _check_chinese(run, promise)
    _check_invariants(run, scratch)


@pytest.mark.parametrize("case", _IN_CHINESE, indirect=True)
def test_case_speaks_chinese(case: str, tmp_path: Path) -> None:
    """The command with --lang zh ends with the same code and says the promised words."""
    scratch = _scratch_folders()
    run = run_case(case, tmp_path, "zh")
    _check_text(run, promise_of(case), "zh")
    _check_invariants(run, scratch)


@pytest.mark.parametrize("case", _HARMFUL, indirect=True)
def test_promises_of_harmful_cases_are_exact(case: str) -> None:
    """A harmful case says what becomes of each check, so that no other outcome can slip by."""
    promise = promise_of(case)
    assert promise.problem or promise.checks != "not_run"


def _check_text(run: Run, promise: Promise, lang: Lang) -> None:
    assert run.ended.code == promise.exit, run.ended
    shown, other = (
        (run.ended.out, run.ended.err)
        if not promise.is_refused
        else (
            run.ended.err,
            run.ended.out,
        )
    )
    assert other == ""
    pieces = promise.en if lang == "en" else promise.zh
    assert [piece for piece in pieces if piece not in shown] == [], shown
    if promise.is_refused:
        assert len(shown.splitlines()) == 2, shown  # what is wrong, and what to do now
    for name, text in run.texts().items():
        assert [word for word in promise.never if word in text] == [], name


def _check_result(run: Run, promise: Promise) -> None:
    result = json.loads(run.reports["json"].read_text("utf-8"))
    found = {
        check["name"]: [check["verdict"], *(cause["kind"] for cause in check["causes"])]
        for check in result["checks"]
    }
    assert found == _promised_checks(promise, list(found)), run.ended.out
    assert (result["problem"] or {}).get("kind") == promise.problem
    if promise.cell is not None:
        assert result["problem"]["data"]["cell"] == promise.cell
    broken = [cause["kind"] for rule in result["rules"] for cause in rule["broken"]]
    assert broken == list(promise.rules)
    assert promise.score in (None, result["score"])
    tiers = list(PROMISES)
    asked = [tier for tier in tiers if tier in promise.arguments]
    assert result["conditions"]["tier"] == max([_own_tier(), *asked], key=tiers.index)


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
def _own_tier() -> str:
    """The tier of this machine outside of any fence."""
    from grader.judge.attempt import examine

    return examine().tier


def _check_invariants(run: Run, scratch: set[Path]) -> None:
    """Hold for every outcome there is."""
    _check_secrets(run)
    _check_reports(run)
    _check_leftovers(run, scratch)


def _check_secrets(run: Run) -> None:
    """No traceback of ours, nothing of a hidden check and nothing that acts on a terminal."""
    for name, text in run.texts().items():
        assert "Traceback" not in text, text
        assert [word for word in _SENTINELS if word in text] == [], (name, text)
        assert [each for each in text if each < " " and each != "\n"] == [], name


def _check_reports(run: Run) -> None:
    """Every report can be read by what it is written for."""
    reports = run.reports
    if not reports:
        return
    assert set(reports) == {"json", "html", "md", "xml"}
    result = load_json(reports["json"].read_text("utf-8"))
    suite = ET.parse(reports["xml"]).getroot()  # noqa: S314  our own file, in a test
    told = [*result.checks, *result.rules, *([result.problem] if result.problem else [])]
    assert len(list(suite.iter("testcase"))) == len(told)
    page = _Page()
    page.feed(reports["html"].read_text("utf-8"))
    assert page.opened == []
    assert page.scripts == 0
    assert reports["md"].read_text("utf-8").startswith("#")


def _check_leftovers(run: Run, scratch: set[Path]) -> None:
    """No process, no group, no file is left, and the course is as it was."""
    assert run.ended.survivors == ()
    assert run.ended.groups == ()
    assert list((run.folder / "tmp").iterdir()) == []
    assert _left(_scratch_folders() - scratch) == []
    pristine = listed(Path(__file__).parent / "fake_course")
    graded = listed(run.folder / "course")
    assert set(graded) == set(pristine) - {"conftest.py"}
    changed = [name for name, content in graded.items() if pristine[name] != content]
    assert [name for name in changed if not name.endswith("exercise.yaml")] == []


def _scratch_folders() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("grade-*"))


def _left(folders: set[Path]) -> list[Path]:
    """Those that do not go: a folder of a run beside this one is gone when that run ends."""
    deadline = time.monotonic() + _PATIENCE
    while (left := [path for path in folders if path.exists()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


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
