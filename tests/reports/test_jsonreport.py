"""JSON holds everything and reads back exactly."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UserError
from grader.judge.results import (
    Cause,
    CheckResult,
    Conditions,
    Frame,
    RuleResult,
    SubmissionResult,
)
from grader.judge.verdicts import Verdict
from grader.reports import load_json, to_json
from grader.text import Text
from tests.reports import cases

_numbers = st.floats(allow_nan=False)
_finite = st.floats(0, 1e9)
_texts = st.builds(Text, st.text(), st.text())
_data = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | _numbers | st.text())
_frames = st.builds(
    Frame, st.text(), st.integers(), st.text(), st.text(), st.none() | st.integers()
)
_causes = st.builds(
    Cause,
    st.sampled_from(["values", "raised", "shape", "odd"]),
    _data,
    st.lists(_frames, max_size=2).map(tuple),
)
_some_causes = st.lists(_causes, max_size=2).map(tuple)
_checks = st.builds(
    CheckResult,
    st.text(),
    _texts,
    _finite,
    st.sampled_from(Verdict),
    st.booleans(),
    st.none() | _finite,
    _some_causes,
    st.none() | _texts,
    st.text(),
)
_rules = st.builds(RuleResult, _texts, _finite, _some_causes)
_conditions = st.builds(
    Conditions, st.integers(), st.text(), st.text(), _some_causes, st.text(), st.text(), st.text()
)
_results = st.builds(
    SubmissionResult,
    st.text(),
    _texts,
    st.text(),
    st.lists(_checks, max_size=2).map(tuple),
    st.lists(_rules, max_size=2).map(tuple),
    st.none() | _causes,
    st.booleans(),
    st.text(),
    _finite,
    _conditions,
)


@given(_results)
def test_any_result_reads_back_exactly(result: SubmissionResult) -> None:
    """Reading what was written gives an equal result."""
    assert load_json(to_json(result)) == result


@pytest.mark.parametrize("make", [*cases.GOLD.values(), cases.hostile])
def test_every_case_reads_back_exactly(make: Callable[[], SubmissionResult]) -> None:
    """The known cases survive as well, lone surrogates and control characters included."""
    result = make()
    assert load_json(to_json(result)) == result


def test_text_is_safe_to_print_and_strict_json() -> None:
    """The file is pure printable text that any strict JSON reader takes, infinities included."""
    odd = cases.cause("number", expected=math.inf, got=math.nan, tolerance=0.5)
    text = to_json(cases.submission(cases.check("t", "A.", "甲。", odd, verdict=Verdict.FAILED)))
    assert '"float": "inf"' in text
    assert "甲" in text
    hostile = to_json(cases.hostile())
    assert not [each for each in hostile if each != "\n" and not each.isprintable()]
    json.loads(text, parse_constant=pytest.fail)
    assert "##" not in hostile


def test_nan_reads_back_as_nan() -> None:
    """Not-a-number survives, though it equals nothing."""
    odd = cases.cause("number", got=math.nan)
    result = cases.submission(cases.check("t", "A.", "甲。", odd, verdict=Verdict.FAILED))
    got = load_json(to_json(result)).checks[0].causes[0].data["got"]
    assert isinstance(got, float)
    assert math.isnan(got)


def test_causes_carry_facts_and_both_sentences() -> None:
    """A reader finds kind and data, and need not know the messages."""
    raw = json.loads(to_json(cases.problem()))
    assert raw["format_version"] == 1
    assert (raw["score"], raw["max"], raw["all_passed"]) == (0, 3.0, False)
    assert raw["problem"]["kind"] == "syntax_error"
    assert raw["problem"]["data"]["line"] == 12
    assert raw["problem"]["sentence"]["en"].startswith("Python cannot read line 12")
    assert raw["problem"]["sentence"]["zh"].startswith("Python 无法解析")


def test_an_exception_carries_its_frames_and_its_explanation() -> None:
    """They are there for a public check, and a hidden one has neither."""
    checks = json.loads(to_json(cases.raised()))["checks"]
    error = checks[0]["causes"][0]
    assert [frame["cell"] for frame in error["frames"]] == [6, None, 4]
    assert error["frames"][2]["text"] == "return self.out(x)"
    assert error["explanation"]["en"].startswith("A matrix product of 2x5 and 3x4")
    assert error["explanation"]["zh"].startswith("矩阵乘法 2x5 乘 3x4")
    assert set(checks[2]["causes"][0]) == {"kind", "data", "sentence"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"format_version": 1}',
        "[" * 100_000,
        to_json(cases.mixed()).replace('"failed"', '"invented"'),
        to_json(cases.mixed()).replace('"max": 2.0', '"max": "2"'),
        to_json(cases.mixed()).replace('"seed": 1853250137', '"seed": true'),
        to_json(cases.mixed())[:-5],
        to_json(cases.raised()).replace('"line": 9', '"line": "9"'),
        to_json(cases.raised()).replace('"frames": [', '"frames": [[],'),
    ],
)
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    """Broken, foreign or edited files raise a UserError, never another exception."""
    with pytest.raises(UserError, match="not a JSON report"):
        load_json(text)


def test_other_format_version_is_named() -> None:
    """A report of a later version is refused with both version numbers."""
    text = to_json(cases.mixed()).replace('"format_version": 1', '"format_version": 2')
    with pytest.raises(UserError, match="version 2; this version of grade reads 1"):
        load_json(text)
