"""The catalogue is complete, the same in both languages, and reads well with any data missing."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from grader.judge.results import Cause, Datum
from grader.judge.verdicts import Verdict
from grader.reports.messages import catalogue, explain, number, placeholders, verdict_entry
from grader.text import LANGS, Lang
from tests.reports.cases import HOSTILE

KINDS: dict[str, str] = {
    "not_a_tensor": "got",
    "shape": "expected got",
    "dtype": "expected got",
    "device": "expected got",
    "values": "index expected got worst tolerance differing total",
    "nan": "index count",
    "infinite": "index count",
    "missing_gradient": "",
    "looks_correction": "n",
    "looks_power": "missing",
    "looks_exponential": "missing",
    "looks_logits": "how dim",
    "looks_clipped": "relu",
    "looks_regrouped": "",
    "looks_transposed": "",
    "looks_flipped": "dims",
    "looks_scaled": "factor",
    "looks_summed": "n",
    "looks_averaged": "n",
    "looks_offset": "constant",
    "looks_shifted": "dim by",
    "looks_softmax_other_axis": "dim",
    "looks_negated": "",
    "looks_permuted": "dims",
    "looks_zero": "",
    "looks_keepdim": "",
    "looks_squeezed": "",
    "looks_reshaped": "",
    "looks_unreduced": "how",
    "looks_reduced": "how",
    "mistake": "sentence",
    "type": "expected got",
    "value": "expected got",
    "item": "where expected got",
    "keys": "missing surplus",
    "length": "expected got expected_items got_items",
    "number": "expected got tolerance",
    "did_not_raise": "expected",
    "raised_other": "expected type text",
    "assertion": "text",
    "unusable": "got",
    "no_file": "kind got",
    "unreadable_file": "kind",
    "raised": "type text line function",
    "not_written": "function",
    "missing_name": "name near",
    "exited": "status",
    "killed": "signal",
    "too_slow": "value low high limit",
    "grows_too_fast": "value low high limit",
    "too_noisy": "low high",
    "uneven": "",
    "slow_loop": "count expected",
    "slow_reading": "count expected",
    "slow_moving": "count expected",
    "slow_batches": "count expected",
    "slow_graph": "count expected",
    "timed_out": "seconds phase",
    "out_of_memory": "megabytes",
    "recursion": "function",
    "protocol": "",
    "unsendable": "type",
    "submission_time_used_up": "seconds",
    "grader": "last_line",
    "syntax_error": "file line text message",
    "import_failed": "module line",
    "import_raised": "type text line",
    "import_exited": "status",
    "import_killed": "signal",
    "import_timed_out": "seconds",
    "import_out_of_memory": "megabytes",
    "empty_file": "file",
    "not_python": "file message",
    "forbidden_call": "call line",
    "required_call": "call",
    "no_user_namespaces": "text",
    "no_landlock": "",
    "no_seccomp": "",
    "not_linux": "platform",
    "no_memory_cgroup": "",
    "asked": "tier",
    "not_witnessed": "tier what",
    "shared_uid": "",
    "unknown": "kind",
}
"""Every kind of cause that the product makes, and the names of its data."""


def test_catalogue_explains_exactly_the_known_kinds() -> None:
    """No kind lacks a message and no message is left over."""
    assert set(catalogue()["causes"]) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_variants_of_a_kind_are_well_formed(kind: str) -> None:
    """Both languages use the same known placeholders, and the last variant needs no data."""
    variants = catalogue()["causes"][kind]
    for variant in variants:
        assert set(variant) <= {"en", "zh", "when"}
        assert placeholders(variant["en"]) == placeholders(variant["zh"])
        assert placeholders(variant["en"]) | set(variant.get("when", {})) <= set(
            KINDS[kind].split()
        )
    assert not placeholders(variants[-1]["en"])
    assert "when" not in variants[-1]


@pytest.mark.parametrize("section", ["labels", "verdicts", "tiers"])
def test_both_languages_have_every_label(section: str) -> None:
    """Each short text exists in both languages with the same placeholders."""
    for name, entry in _bilingual(catalogue()[section]):
        assert placeholders(entry["en"]) == placeholders(entry["zh"]), name
        assert entry["en"], name
        assert entry["zh"], name


def _bilingual(entries: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    found = [(name, entry) for name, entry in entries.items() if "en" in entry or "zh" in entry]
    notes = [(name, entry["note"]) for name, entry in entries.items() if "note" in entry]
    assert len(found) == len(entries)
    return found + notes


def test_every_verdict_has_a_name_and_all_but_passed_a_note() -> None:
    """The closed list of verdicts and the catalogue agree; excused verdicts look excused."""
    assert set(catalogue()["verdicts"]) == {verdict.value for verdict in Verdict}
    for verdict in Verdict:
        entry = verdict_entry(verdict)
        assert entry["ascii"].isascii()
        assert ("note" in entry) == (verdict is not Verdict.PASSED)
        assert (entry["tone"] == "excused") == verdict.is_excused


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", KINDS)
def test_any_key_may_be_missing(kind: str, lang: Lang) -> None:
    """Whatever part of the data is left, the sentence is whole: one line, no gap, no brace."""
    names = KINDS[kind].split()
    for count in range(len(names) + 1):
        for kept in itertools.combinations(names, count):
            data: dict[str, Datum] = dict.fromkeys(kept, "DATUM")
            sentence = explain(Cause(kind, data), lang)
            assert len(sentence) > 5
            assert not set("{}\n") & set(sentence)
            assert "  " not in sentence
            assert "None" not in sentence.replace("it is None", "").replace("是 None", "")


@pytest.mark.parametrize(
    ("cause", "start"),
    [
        (
            Cause("raised", {"type": "ValueError", "text": "bad", "line": 3, "function": "f"}),
            "Your code raised ValueError in line 3, in `f`: bad",
        ),
        (Cause("raised", {"type": "ValueError"}), "Your code raised ValueError."),
        (
            Cause("raised", {"type": "ValueError", "text": "bad", "function": ""}),
            "The check cannot use your code, or what it returned or left behind: ValueError: bad",
        ),
        (Cause("unsendable", {"type": "generator"}), "The function returned a generator. Wrap it"),
        (Cause("unsendable", {"type": "method"}), "The function returned a method itself"),
        (Cause("unsendable", {"type": "Net"}), "The function returned a Net. Return tensors"),
        (
            Cause("length", {"expected": 1, "got": 0, "expected_items": "[1]", "got_items": "[]"}),
            "The length is wrong: expected 1, got 0. [1] is expected, but [] came back.",
        ),
        (Cause("length", {"expected": 1, "got": 0}), "The length is wrong: expected 1, got 0."),
        (Cause("raised", {"type": "E", "text": "", "line": 3}), "Your code raised E in line 3."),
        (
            Cause("raised", {"type": "E", "line": 3, "cell": 2, "function": "f"}),
            "Your code raised E in line 3 of cell 2, in `f`.",
        ),
        (Cause("syntax_error", {"message": "no block"}), "Python cannot read your file: no block."),
        (Cause("shape", {"expected": "(2,)", "got": "()"}), "The shape is wrong: expected (2,)"),
        (Cause("shape"), "The shape of the result is wrong."),
        (Cause("timed_out", {"seconds": 10.0, "phase": "import"}), "Importing your file took"),
        (Cause("timed_out", {"seconds": 10.0, "phase": "call"}), "Your code took longer than 10 s"),
        (Cause("missing_name", {"name": "f", "near": ""}), "Your file has no `f`. Keep"),
        (Cause("missing_name", {"name": "f", "near": "g"}), "Your file has no `f`. It has `g`"),
        (Cause("from_the_future", {"x": 1}), "There is no description of this (from_the_future)"),
    ],
)  # fmt: skip
def test_most_exact_variant_is_chosen(cause: Cause, start: str) -> None:
    """A sentence says as much as its data allow."""
    assert explain(cause, "en").startswith(start)


@pytest.mark.parametrize(("lang", "sentence"), [("en", "No padding."), ("zh", "没有填充。")])
def test_mistake_is_told_in_the_words_of_the_author(lang: Lang, sentence: str) -> None:
    """A mistake that a check's author names is told in the language of the report."""
    cause = Cause("mistake", {"en": "No padding.", "zh": "没有填充。"})
    assert explain(cause, lang) == sentence


def test_fault_of_the_grader_tells_the_end_of_its_traceback() -> None:
    """The last line of a traceback says what happened; the rest is in the JSON report."""
    text = "Traceback (most recent call last):\n  File ...\nOSError: no room\n"
    assert explain(Cause("grader", {"text": text}), "en").endswith("(OSError: no room)")


def test_the_forms_of_a_function_of_torch_are_left_out() -> None:
    """What was handed over is told; the list of all that could have been is a page long."""
    text = "linspace() received an invalid combination of arguments - got (int, int)"
    data: dict[str, Datum] = {"type": "TypeError", "text": text, "line": 3, "function": "f"}
    long = data | {"text": f"{text}, but expected one of:\n * (int n)\n * (int n, int m)\n"}
    assert explain(Cause("raised", long), "en") == explain(Cause("raised", data), "en")


def test_numbers_that_differ_look_different() -> None:
    """An expected and an actual number are shown with as many digits as tell them apart."""
    data: dict[str, Datum] = {"expected": 0.123456789, "got": 0.123456623, "tolerance": 1e-9}
    assert "expected 0.1234568, got 0.1234566" in explain(Cause("number", data), "en")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0, 1e300])
def test_any_float_can_be_shown(value: float) -> None:
    """Not-a-number, infinities and equal numbers make a sentence as well."""
    data: dict[str, Datum] = {"expected": 1.0, "got": value, "tolerance": 1e-6}
    assert f"got {value:.6g}" in explain(Cause("number", data), "en")


def test_foreign_text_stays_one_visible_line() -> None:
    """Text of a student within a sentence holds no control character, and no braces are read."""
    sentence = explain(Cause("assertion", {"text": "{0.__class__} {type}\n" + HOSTILE}), "en")
    assert "{0.__class__} {type} <script>" in sentence
    assert sentence.isprintable()


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.0, "2"), (0.1 + 0.2, "0.3"), (1 / 3, "0.33"), (-0.0, "0"), (1e6, "1000000")],
)
def test_points_are_short(value: float, text: str) -> None:
    """Points show at most two decimals and no trailing zeros."""
    assert number(value) == text
