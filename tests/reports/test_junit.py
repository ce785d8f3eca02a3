"""JUnit XML as CI systems read it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from grader.judge.results import SubmissionResult
from grader.judge.verdicts import Verdict
from grader.reports import junit
from grader.text import LANGS, Lang
from tests.reports import cases


def _suite(result: SubmissionResult, lang: Lang = "en") -> ET.Element:
    root = ET.fromstring(junit.render(result, lang))  # noqa: S314 - our own text
    assert root.tag == "testsuites"
    (suite,) = root
    return suite


def _outcomes(suite: ET.Element) -> dict[str, str]:
    tags = ("failure", "error", "skipped")
    return {
        case.attrib["name"]: next((tag for tag in tags if case.find(tag) is not None), "passed")
        for case in suite.iter("testcase")
    }


def test_verdicts_become_the_four_outcomes() -> None:
    """The student's faults are failures, the grader's are errors, what did not run is skipped."""
    checks = [cases.check(v.value, "A.", "甲。", verdict=v) for v in Verdict]
    assert _outcomes(_suite(cases.submission(*checks))) == {
        "passed": "passed",
        "failed": "failure",
        "crashed": "failure",
        "timed_out": "failure",
        "out_of_memory": "failure",
        "protocol_violation": "failure",
        "inconclusive": "error",
        "not_run": "skipped",
        "grader_error": "error",
    }


def test_totals_count_the_cases() -> None:
    """The suite's numbers agree with its test cases; a broken rule fails, advice does not."""
    suite = _suite(cases.mixed())
    outcomes = list(_outcomes(suite).values())
    assert suite.attrib["tests"] == str(len(outcomes)) == "10"
    assert suite.attrib["failures"] == str(outcomes.count("failure")) == "6"
    assert suite.attrib["errors"] == str(outcomes.count("error")) == "1"
    assert _outcomes(suite)["rule_1"] == "failure"
    assert _outcomes(suite)["rule_2"] == "passed"


def test_problem_of_the_submission_is_a_failure() -> None:
    """A file that cannot be read turns the run red though every check was skipped."""
    outcomes = _outcomes(_suite(cases.problem()))
    assert outcomes.pop("submission") == "failure"
    assert set(outcomes.values()) == {"skipped"}


def test_points_are_properties() -> None:
    """Each check carries its points, and the suite the total."""
    suite = _suite(cases.mixed())
    total = {p.attrib["name"]: p.attrib["value"] for p in suite.findall("properties/property")}
    assert (total["score"], total["max"]) == ("1", "10.5")
    first = {
        p.attrib["name"]: p.attrib["value"]
        for p in suite.findall("testcase[1]/properties/property")
    }
    assert (first["earned"], first["points"], first["visibility"]) == ("2", "2", "public")


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_text_stays_text(lang: Lang) -> None:
    """The XML is well formed whatever a student prints, and the text is kept as text."""
    suite = _suite(cases.hostile(), lang)
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "<script>" in failure.attrib["message"]
    assert "]]>" in (failure.text or "")
    assert not list(failure)


def test_traceback_keeps_its_lines() -> None:
    """It stands in the text of a failure; the attribute, one line, has the sentences."""
    failure = _suite(cases.raised()).find("testcase/failure")
    assert failure is not None
    lines = (failure.text or "").split("\n")
    assert lines[:2] == ["cell 6, line 3, in predict", "    return net(pictures)"]
    assert "return net" not in failure.attrib["message"]
    assert "A matrix product of 2x5 and 3x4" in failure.attrib["message"]
