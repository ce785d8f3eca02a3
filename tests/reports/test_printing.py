"""What the command prints: with rich on a terminal, as plain lines elsewhere."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from grader.judge.results import SubmissionResult
from grader.reports import print_plain, print_rich
from grader.reports.width import cell_width
from grader.text import LANGS, Lang
from tests.reports import cases

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def _terminal(result: SubmissionResult, lang: Lang, width: int = 80) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    print_rich(result, console, lang, saved=[Path("a\x1b[2J.html")])
    return stream.getvalue()


def _plain(result: SubmissionResult, lang: Lang) -> str:
    stream = io.StringIO()
    print_plain(result, stream, lang, saved=[Path("a\x1b[2J.html")])
    return stream.getvalue()


@pytest.mark.parametrize("lang", LANGS)
def test_terminal_shows_foreign_text_literally(lang: Lang) -> None:
    """Beside rich's own colours nothing acts on the terminal, and markup stays text."""
    shown = COLOUR.sub("", _terminal(cases.hostile(), lang, width=2000))
    assert "[bold red]markup[/]" in shown
    assert "\\x1b[2J" in shown
    assert not [each for each in shown if each != "\n" and not each.isprintable()]


@pytest.mark.parametrize("width", [30, 60, 80, 200])
@pytest.mark.parametrize("lang", LANGS)
def test_terminal_lines_fit_the_window(lang: Lang, width: int) -> None:
    """No line is wider than the window, whatever its language, from a narrow one on."""
    for line in COLOUR.sub("", _terminal(cases.mixed(), lang, width)).splitlines():
        if "━" not in line:  # the total needs one unbroken line
            assert cell_width(line) <= width


def test_terminal_without_unicode_gets_plain_lines() -> None:
    """A console that cannot show the marks gets the ASCII report, with escapes for the rest."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    print_rich(cases.mixed(), Console(file=stream), "zh")
    text = raw.getvalue().decode("ascii")
    assert "FAIL" in text
    assert "\\u5377\\u79ef" in text


@pytest.mark.parametrize("lang", LANGS)
def test_plain_lines_hold_nothing_but_text(lang: Lang) -> None:
    """No control character reaches a pipe; no colour is used."""
    shown = _plain(cases.hostile(), lang)
    assert not [each for each in shown if each != "\n" and not each.isprintable()]
    assert "\\x1b[2J" in shown


@pytest.mark.parametrize("lang", LANGS)
def test_plain_lines_hold_no_log_command(lang: Lang) -> None:
    """No line can be taken for a command by the CI system that logs it."""
    shown = _plain(cases.hostile(), lang)
    assert "::set-output" in shown
    assert not [line for line in shown.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in shown
    assert "##vso[" not in shown


def test_plain_columns_are_aligned_by_width() -> None:
    """Chinese verdicts of different length leave the sentences in one column."""
    starts = re.findall(r"^(?:ok|FAIL) .*?/[\d.]+  ", _plain(cases.mixed(), "zh"), re.MULTILINE)
    assert len(starts) == 7
    assert len({cell_width(start) for start in starts}) == 1
