"""The errata of the notes: the pages are fresh, and each proof is a check of an exercise."""

from __future__ import annotations

import ast
from pathlib import Path

from docs.errata import load, page
from grader.course import find_course
from grader.text import LANGS

_ROOT = Path(__file__).parent.parent


def test_pages_are_fresh() -> None:
    """Made again from docs/errata.yaml, both are the same to the byte."""
    errata = load()
    for lang, name in zip(LANGS, ("errata.md", "errata.zh.md"), strict=True):
        assert page(errata, lang) == (_ROOT / "docs" / name).read_text("utf-8")


def test_each_is_proved_by_a_check_that_there_is() -> None:
    """Or says why it is not; each has a name of its own."""
    checks = {
        f"{ref.name}::{node.name}"
        for ref in find_course(_ROOT).exercises()
        for path in (ref.public_checks, ref.hidden_checks)
        if path
        for node in ast.parse(path.read_bytes()).body
        if isinstance(node, ast.FunctionDef)
    }
    errata = load()
    assert len(errata) == len({each.id for each in errata}) == 150
    assert {proof for each in errata for proof in each.proof} <= checks
    assert [each.id for each in errata if bool(each.proof) == bool(each.unproven)] == []
