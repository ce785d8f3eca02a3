"""Texts become tokens: what a copier changes leaves no trace, and nothing takes long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.similarity.tokens import NAME, STRING, tokens

LONG = 60_000


def symbols(text: str) -> list[str]:
    """The symbols alone."""
    return [token.symbol for token in tokens(text)]


def test_names_are_one_symbol_but_those_of_libraries_are_not() -> None:
    """Keywords, built-ins and attributes stay; those of `self` are the student's."""
    assert symbols("for x in range(n): self.y = torch.sum(x)") == [
        *("for", NAME, "in", "range", "(", NAME, ")", ":", NAME, ".", NAME, "="),
        *(NAME, ".", "sum", "(", NAME, ")"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(a, b)", "f(\n    a,\n    b,\n)"),
        ("s = 'one'", 's = "another"'),
        ("s = 'a' 'b'", 's = """a\nb"""'),
        ("x = 1; y = 2", "x = 1\ny = 2  # two"),
        ("def f():\n    return 1", 'def f():\n    """Say # more."""\n    return 1'),
        ("def f():\n    return 1", "'''Module.'''\ndef f():\n\n    # no\n    return \\\n 1"),
        ("x = f'{a}'", 'x = f"{b}"'),
    ],
)
def test_what_can_be_written_in_two_ways_is_the_same(one: str, other: str) -> None:
    """Layout, quotes, comments, docstrings, commas at the end."""
    assert symbols(one) == symbols(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x.sum()", "x.mean()"),
        ("x[1:2]", "x[1:3]"),
        ("a**b", "a*b"),
        ("x", "1"),
    ],
)
def test_what_means_something_else_is_different(one: str, other: str) -> None:
    """Operators, methods and numbers."""
    assert symbols(one) != symbols(other)


def test_tokens_know_their_lines() -> None:
    """Also after strings and comments of several lines."""
    found = list(tokens('x = """a\nb"""\n# c\ny(\n)\n'))
    assert [(token.symbol, token.line) for token in found] == [
        *((NAME, 0), ("=", 0), (STRING, 0), (NAME, 3), ("(", 3), (")", 4)),
    ]


@given(st.text(alphabet="ab1.\"'\\\n #()[],;ef{}\0é"))
def test_any_text_is_cut(text: str) -> None:
    """Broken text too; lines never go back."""
    lines = [token.line for token in tokens(text)]
    assert lines == sorted(lines)
    assert all(line <= text.count("\n") for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        *("x" + " \n" * LONG, '"' * LONG, '"""\n' * LONG, "(" * LONG, "a" * LONG, "1" * LONG + "e"),
        *("\\\n" * LONG, '"' + "\\" * LONG, "rb" * LONG, "1e+" * LONG, "," * LONG, "f'{" * LONG),
        *('"' + r"\N{" * LONG, "." * LONG, "#" * LONG, "'''" + "''" * LONG, "\0" * LONG),
    ],
    ids=range(17),
)
def test_hostile_texts_cost_no_more_than_their_length(text: str) -> None:
    """A test that ends: a library's lexer takes hours for some of these."""
    assert sum(1 for _ in tokens(text)) <= len(text)
