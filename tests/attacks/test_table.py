"""The table of attacks in the threat model is complete, fresh, and names tests that exist."""

from __future__ import annotations

import ast

import pytest

from tests.attacks.table import ATTACKS, CATALOGUE, PAGE, ROOT, Row, later, rows, with_table

_ROWS = rows()


def test_the_page_is_fresh() -> None:
    """What stands in the page is what the promises say (`python -m tests.attacks.table`)."""
    page = PAGE.read_text("utf-8")
    assert page == with_table(page)


def test_every_attack_of_the_catalogue_has_its_place() -> None:
    """Each is either in the table or named as left for later, never both."""
    shown = {number for row in _ROWS for number in row.ids}
    left = {number for number, _ in later()}
    assert set(CATALOGUE) - shown - left == set()
    assert left & shown == set()


def test_every_submission_is_in_the_table() -> None:
    """No folder without a row, no row without what it tries and what becomes of it."""
    assert len(_ROWS) >= len(list(ATTACKS.iterdir()))
    assert [row for row in _ROWS if not (row.ids and row.tries and row.stopped_by)] == []


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: "-".join(row.ids) + row.tests[0][-30:])
def test_the_tests_of_a_row_exist(row: Row) -> None:
    """A row's tests are functions of test files, or attacks that test_attacks.py runs."""
    for test in row.tests:
        if test.startswith("test_attacks.py["):
            name = test.removeprefix("test_attacks.py[").removesuffix("]")
            assert (ATTACKS / name / "promise.yaml").is_file()
            continue
        path, _, function = test.partition("::")
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert function in names, test
