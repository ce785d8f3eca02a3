"""The report as JUnit XML, for Jenkins, GitLab, Artemis and whatever else reads it.

One test case per check, one per source rule, and one named `submission` when the whole submission
has a problem: a file in which every test is skipped would look green. A verdict that is never the
student's fault is an `error`, `not_run` is `skipped`, any other but `passed` is a `failure`.
Points are properties. All text comes from the view, which holds no character that XML forbids.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from grader.judge.results import SubmissionResult
from grader.reports.details import Detail
from grader.reports.messages import label, number
from grader.reports.view import CheckView, RuleView, Tone, View, build_view
from grader.reports.visible import visible
from grader.text import Lang

_ELEMENTS: dict[Tone, str] = {"bad": "failure", "excused": "error", "idle": "skipped"}


def render(result: SubmissionResult, lang: Lang) -> str:
    """The result as XML text, its messages in one language."""
    view = build_view(result, lang)
    suite = ET.Element("testsuite", name=view.exercise)
    _properties(suite, _facts(result, view))
    if view.problem is not None:
        _outcome(_case(suite, "submission", 0.0), "bad", (view.problem,), ())
    for check in (check for group in view.groups for check in group.checks):
        _check(suite, check, lang)
    for place, rule in enumerate(view.rules, start=1):
        _rule(suite, f"rule_{place}", rule)
    _count(suite, result)
    root = ET.Element("testsuites", name="grade")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _facts(result: SubmissionResult, view: View) -> dict[str, str]:
    return {
        "submission": view.submission,
        "score": number(result.earned),
        "max": number(result.max_points),
        **dict(view.conditions),
    }


def _check(suite: ET.Element, check: CheckView, lang: Lang) -> None:
    case = _case(suite, check.name, check.seconds)
    properties = {
        "sentence": check.sentence,
        "verdict": check.verdict.value,
        "points": check.points,
        "earned": check.earned,
        "visibility": "hidden" if check.hidden else "public",
    }
    _properties(case, properties)
    hint = (f"{label('hint', lang)}{label('colon', lang)}{check.hint}",) if check.hint else ()
    _outcome(case, check.mark.tone, check.details, hint)
    if check.output:
        ET.SubElement(case, "system-out").text = "\n".join(check.output)


def _rule(suite: ET.Element, name: str, rule: RuleView) -> None:
    case = _case(suite, name, 0.0)
    _properties(case, {"sentence": rule.sentence, "lost": rule.lost or "0"})
    # Advice takes no points, so it must not turn the run red.
    _outcome(case, rule.mark.tone if rule.lost else "good", rule.details, ())


def _case(suite: ET.Element, name: str, seconds: float | None) -> ET.Element:
    case = ET.SubElement(suite, "testcase", classname=suite.get("name", ""), name=name)
    if seconds is not None:
        case.set("time", f"{seconds:.3f}")
    return case


def _properties(parent: ET.Element, values: dict[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=value)


def _outcome(
    case: ET.Element, tone: Tone, details: tuple[Detail, ...], hint: tuple[str, ...]
) -> None:
    """What went wrong: some readers show the attribute, others the text, so both say it all.

    But for the traceback, which needs its lines.
    """
    if tone in _ELEMENTS:
        said = [sentence for detail in details for sentence in detail.sentences]
        element = ET.SubElement(case, _ELEMENTS[tone], message=" ".join((*said, *hint)))
        lines = [line for detail in details for line in (*detail.trace, *detail.sentences)]
        element.text = "\n".join((*lines, *hint))


def _count(suite: ET.Element, result: SubmissionResult) -> None:
    """Put the totals on a suite that is otherwise complete."""
    for attribute, tag in (("errors", "error"), ("failures", "failure"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("time", f"{result.seconds:.3f}")
    suite.set("timestamp", visible(result.started_at))
