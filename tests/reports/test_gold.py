"""Every format for people shows the known cases just as the gold files do."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from grader.judge.results import SubmissionResult
from grader.reports import html, markdown, print_plain, print_rich
from grader.text import LANGS, Lang
from tests.reports.cases import GOLD

GOLD_FOLDER = Path(__file__).with_name("gold")
ACTUAL_FOLDER = Path(__file__).parents[1] / "actual"
SAVED = [Path("reports/ex07_conv.html")]


def _terminal(result: SubmissionResult, lang: Lang) -> str:
    stream = io.StringIO()
    print_rich(result, Console(file=stream, width=80, color_system=None), lang, saved=SAVED)
    return stream.getvalue()


def _plain(result: SubmissionResult, lang: Lang) -> str:
    stream = io.StringIO()
    print_plain(result, stream, lang, saved=SAVED)
    return stream.getvalue()


FORMATS: dict[str, tuple[str, Callable[[SubmissionResult, Lang], str]]] = {
    "html": ("html", html.render),
    "markdown": ("md", markdown.render),
    "plain": ("txt", _plain),
    "terminal": ("txt", _terminal),
}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("case", GOLD)
@pytest.mark.parametrize("kind", FORMATS)
def test_report_is_as_accepted(kind: str, case: str, lang: Lang) -> None:
    """A report equals its gold file; gold/README.md tells how to accept a change."""
    ending, render = FORMATS[kind]
    name = Path(kind) / f"{case}.{lang}.{ending}"
    actual = render(GOLD[case](), lang)
    gold = GOLD_FOLDER / name
    if os.environ.get("GRADE_ACCEPT_GOLD"):
        _write(gold, actual)
    expected = gold.read_text(encoding="utf-8") if gold.exists() else ""
    if actual != expected:
        _write(ACTUAL_FOLDER / name, actual)
    assert actual == expected


def test_every_gold_file_belongs_to_a_case() -> None:
    """No gold file is left over from a case, a language or a format that is gone."""
    wanted = {
        f"{kind}/{case}.{lang}.{ending}"
        for kind, (ending, _) in FORMATS.items()
        for case in GOLD
        for lang in LANGS
    }
    found = {path.relative_to(GOLD_FOLDER).as_posix() for path in GOLD_FOLDER.glob("*/*")}
    assert found == wanted


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
