"""Markdown for a step summary: foreign text stays in code."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.reports import markdown
from grader.text import LANGS, Lang
from tests.reports import cases

ALLOWED = {"text", "softbreak", "code_inline", "strong_open", "strong_close"}


def _inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or []]


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_text_makes_no_markup(lang: Lang) -> None:
    """A Markdown parser finds no HTML, link or image, and foreign text only in code."""
    text = markdown.render(cases.hostile(), lang)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    assert not [token for token in tokens if token.type == "html_block"]
    assert {token.type for token in _inline(tokens)} <= ALLOWED
    prose = "".join(token.content for token in _inline(tokens) if token.type == "text")
    assert "evil" not in prose
    assert "owned" not in prose
    code = "".join(token.content for token in tokens if token.type == "fence")
    assert "<script>" in code


@pytest.mark.parametrize("lang", LANGS)
def test_no_line_is_a_log_command(lang: Lang) -> None:
    """Printed to a log, no line begins with `::` and none holds `##[`."""
    text = markdown.render(cases.hostile(), lang)
    assert "::set-output" in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in text
    assert "##vso[" not in text


def test_sentence_of_an_author_keeps_its_code_and_its_signs() -> None:
    """Code stays code; stars, bars and angle brackets are shown, not read."""
    assert markdown.escaped("`a*b` gives **a < b** | _c_") == (
        "`a*b` gives \\*\\*a &lt; b\\*\\* \\| \\_c\\_"
    )


def test_tables_hold_one_row_for_each_check() -> None:
    """A bar in a sentence does not add a column."""
    result = cases.submission(cases.check("t", "`a|b` or c|d.", "甲。"))
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown.render(result, "en"))
    assert [token.type for token in tokens].count("td_open") == 3
