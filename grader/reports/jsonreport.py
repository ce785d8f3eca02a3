"""A result as JSON, and back: `load_json(to_json(result)) == result`.

    format_version    1; a reader refuses any other
    grade             version of grade that graded
    exercise          name of the exercise's folder, "ex07_conv"
    title             {"en", "zh"}
    submission        how the user named it; a path as text
    score, max        points earned (penalties taken off, never below 0) and points to be had
                      (checks with an excused verdict left out); for readers, not read back
    all_passed        whether every check passed and no rule took points; not read back
    public_only       whether hidden checks were left out
    started_at        UTC, ISO 8601
    seconds           wall time of the whole attempt
    problem           null, or the cause that kept the whole submission from being graded
    checks            list, in order:
      name            "test_..."
      hidden          true for a hidden check
      sentence        {"en", "zh"}: what the check demands
      verdict         passed, failed, crashed, timed_out, out_of_memory, protocol_violation,
                      inconclusive, not_run or grader_error
      excused         whether the verdict is never the student's fault; not read back
      score, max      points earned; points the check is worth. score is not read back
      seconds         wall time, start of the worker included; null for a hidden check
      causes          list of causes, the most telling first
      hint            null or {"en", "zh"}
      output          what the code printed, cut; "" for a hidden check
      share           what part of the points a pass earns; less than 1 for a slow timed task
      timing          null or, of a timed task, the fields of `results.Timing`
    rules             list, in order:
      sentence        {"en", "zh"}
      penalty         points lost when broken; 0 for advice
      broken          list of causes, empty when the rule holds
    conditions        seed (an integer of any size), device, tier, tier_notes (list of causes),
                      python, torch

A cause is {"kind", "data", "sentence": {"en", "zh"}}: kind and data are the facts, the sentence
explains them and is not read back. Data are strings, numbers, booleans and null; a number that
JSON cannot hold is {"float": "nan"}, {"float": "inf"} or {"float": "-inf"}. Some causes have more:

    frames            for an exception that a student may see: its places in the submission, the
                      innermost last, each with file, line, function ("" where there is none), text
                      (the line that stands there) and, for a notebook, cell; null elsewhere
    explanation       {"en", "zh"}: what a well-known error of PyTorch means; not read back

Text of the student stands here as it was; characters that could act on a terminal are escaped.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict
from types import NoneType
from typing import Any

from grader.errors import UserError
from grader.judge.results import (
    FORMAT_VERSION,
    Cause,
    CheckResult,
    Conditions,
    Datum,
    Frame,
    Repeat,
    RuleResult,
    SubmissionResult,
    Timing,
)
from grader.judge.verdicts import Verdict
from grader.reports.messages import explain
from grader.reports.torch_errors import explain_error
from grader.reports.visible import is_unsafe
from grader.text import Text


def to_json(result: SubmissionResult) -> str:
    """The result as JSON text (fields: see the top of this module) that ends with a newline."""
    text = json.dumps(_result(result), ensure_ascii=False, allow_nan=False, indent=2)
    # Outside of strings JSON holds no such character but the newline, so escaping is always right.
    # "##" begins the commands of CI systems, which look for them in any line of a log.
    return re.sub(r"[^\n\x20-\x7e]", _escaped, text).replace("##", r"#\u0023") + "\n"


def check_to_json(check: CheckResult) -> str:
    """One check, as it stands in a report."""
    return json.dumps(_check(check), ensure_ascii=False, allow_nan=False)


def load_check(text: str) -> CheckResult:
    """The check that `check_to_json` wrote, in this version."""
    return _read_check(json.loads(text))


def load_json(text: str) -> SubmissionResult:
    """The result that `to_json` wrote; raises UserError for any other text."""
    try:
        raw = json.loads(text)
        version = raw["format_version"]
        if version == FORMAT_VERSION:
            return _read_result(raw)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(
            Text("This is not a JSON report of grade.", "这不是 grade 的 JSON 报告。"),
            Text(
                "Give a file that grade wrote with the ending .json.",
                "请给出由 grade 生成、以 .json 结尾的文件。",
            ),
        ) from error
    raise UserError(
        Text(
            f"This JSON report has format version {version!r:.20}; "
            f"this version of grade reads {FORMAT_VERSION}.",
            f"这份 JSON 报告的格式版本是 {version!r:.20}，"
            f"当前版本的 grade 只能读取版本 {FORMAT_VERSION}。",
        ),
        Text("Read it with the version that wrote it.", "请用生成它的那个版本来读取。"),
    )


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if not is_unsafe(character):
        return character
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else json.dumps(character)[1:-1]


def _result(result: SubmissionResult) -> dict[str, Any]:
    conditions = result.conditions
    return {
        "format_version": FORMAT_VERSION,
        "grade": conditions.grade,
        "exercise": result.exercise,
        "title": _text(result.title),
        "submission": result.submission,
        "score": result.earned,
        "max": result.max_points,
        "all_passed": result.all_passed,
        "public_only": result.public_only,
        "started_at": result.started_at,
        "seconds": result.seconds,
        "problem": _cause(result.problem) if result.problem else None,
        "checks": [_check(check) for check in result.checks],
        "rules": [_rule(rule) for rule in result.rules],
        "conditions": {
            "seed": conditions.seed,
            "device": conditions.device,
            "tier": conditions.tier,
            "tier_notes": [_cause(note) for note in conditions.tier_notes],
            "python": conditions.python,
            "torch": conditions.torch,
        },
    }


def _check(check: CheckResult) -> dict[str, Any]:
    return {
        "name": check.name,
        "hidden": check.hidden,
        "sentence": _text(check.sentence),
        "verdict": check.verdict.value,
        "excused": check.verdict.is_excused,
        "score": check.earned,
        "max": check.points,
        "seconds": check.seconds,
        "causes": [_cause(cause) for cause in check.causes],
        "hint": _text(check.hint) if check.hint else None,
        "output": check.output,
        "share": check.share,
        "timing": asdict(check.timing) if check.timing else None,
    }


def _rule(rule: RuleResult) -> dict[str, Any]:
    return {
        "sentence": _text(rule.sentence),
        "penalty": rule.penalty,
        "broken": [_cause(cause) for cause in rule.broken],
    }


def _cause(cause: Cause) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": cause.kind,
        "data": {key: _datum(value) for key, value in cause.data.items()},
        "sentence": {"en": explain(cause, "en"), "zh": explain(cause, "zh")},
    }
    if cause.frames:
        told["frames"] = [asdict(frame) for frame in cause.frames]
    if explanation := explain_error(cause):
        told["explanation"] = _text(explanation)
    return told


def _datum(value: Datum) -> Any:
    is_number = not isinstance(value, float) or math.isfinite(value)
    return value if is_number else {"float": str(value)}


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _take(raw: dict[str, Any], key: str, *types: type) -> Any:
    """The value of a field; raises TypeError unless it is of one of the types."""
    if type(raw[key]) not in types:
        raise TypeError(key)
    return raw[key]


def _read_result(raw: dict[str, Any]) -> SubmissionResult:
    return SubmissionResult(
        exercise=_take(raw, "exercise", str),
        title=_read_text(raw["title"]),
        submission=_take(raw, "submission", str),
        checks=tuple(_read_check(check) for check in _take(raw, "checks", list)),
        rules=tuple(_read_rule(rule) for rule in _take(raw, "rules", list)),
        problem=None if raw["problem"] is None else _read_cause(raw["problem"]),
        public_only=_take(raw, "public_only", bool),
        started_at=_take(raw, "started_at", str),
        seconds=_take(raw, "seconds", float, int),
        conditions=_read_conditions(_take(raw, "grade", str), raw["conditions"]),
    )


def _read_conditions(grade: str, raw: dict[str, Any]) -> Conditions:
    return Conditions(
        seed=_take(raw, "seed", int),
        device=_take(raw, "device", str),
        tier=_take(raw, "tier", str),
        tier_notes=_read_causes(_take(raw, "tier_notes", list)),
        python=_take(raw, "python", str),
        torch=_take(raw, "torch", str),
        grade=grade,
    )


def _read_check(raw: dict[str, Any]) -> CheckResult:
    return CheckResult(
        name=_take(raw, "name", str),
        sentence=_read_text(raw["sentence"]),
        points=_take(raw, "max", float, int),
        verdict=Verdict(raw["verdict"]),
        hidden=_take(raw, "hidden", bool),
        seconds=_take(raw, "seconds", float, int, NoneType),
        causes=_read_causes(_take(raw, "causes", list)),
        hint=None if raw["hint"] is None else _read_text(raw["hint"]),
        output=_take(raw, "output", str),
        share=_take(raw, "share", float, int),
        timing=None if raw["timing"] is None else _read_timing(raw["timing"]),
    )


def _read_timing(raw: dict[str, Any]) -> Timing:
    return Timing(
        device=_take(raw, "device", str),
        kind=_take(raw, "kind", str),
        value=_take(raw, "value", float),
        low=_take(raw, "low", float),
        high=_take(raw, "high", float),
        limits=tuple((float(limit), float(share)) for limit, share in _take(raw, "limits", list)),
        repeats=tuple(_read_repeat(each) for each in _take(raw, "repeats", list)),
        samples_per_second=_take(raw, "samples_per_second", float, NoneType),
        peak_bytes=_take(raw, "peak_bytes", int, NoneType),
        parts={part: float(each) for part, each in _take(raw, "parts", dict).items()},
        losses={name: tuple(map(float, each)) for name, each in _take(raw, "losses", dict).items()},
        is_implausible=_take(raw, "is_implausible", bool),
    )


def _read_repeat(raw: dict[str, Any]) -> Repeat:
    return Repeat(
        size=_take(raw, "size", int),
        seconds=_take(raw, "seconds", float),
        reference=_take(raw, "reference", float),
    )


def _read_rule(raw: dict[str, Any]) -> RuleResult:
    return RuleResult(
        sentence=_read_text(raw["sentence"]),
        penalty=_take(raw, "penalty", float, int),
        broken=_read_causes(_take(raw, "broken", list)),
    )


def _read_causes(raw: list[dict[str, Any]]) -> tuple[Cause, ...]:
    return tuple(_read_cause(each) for each in raw)


def _read_cause(raw: dict[str, Any]) -> Cause:
    data = _take(raw, "data", dict)
    frames = _take(raw, "frames", list) if "frames" in raw else []
    return Cause(
        _take(raw, "kind", str),
        {key: _read_datum(data, key) for key in data},
        tuple(_read_frame(frame) for frame in frames),
    )


def _read_frame(raw: dict[str, Any]) -> Frame:
    return Frame(
        file=_take(raw, "file", str),
        line=_take(raw, "line", int),
        function=_take(raw, "function", str),
        text=_take(raw, "text", str),
        cell=_take(raw, "cell", int, NoneType),
    )


def _read_datum(data: dict[str, Any], key: str) -> Datum:
    value: Datum | dict[str, str] = _take(data, key, str, int, float, bool, type(None), dict)
    return float(value["float"]) if isinstance(value, dict) else value


def _read_text(raw: dict[str, Any]) -> Text:
    return Text(_take(raw, "en", str), _take(raw, "zh", str))
