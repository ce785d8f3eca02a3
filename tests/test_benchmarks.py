"""The benchmarks run to their end and say something in every row; what they say is not tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.samples import Sample
from benchmarks.table import Table, compared, fill, limited, measured, render

_ROOT = Path(__file__).resolve().parents[1]


def _sample(*values: float) -> Sample:
    return Sample(values, "ms")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a zygote")
def test_the_quick_run_fills_every_row() -> None:
    """`python -m benchmarks --quick` prints every table with a figure in each row."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = dict(_rows(done.stdout))
    for name in (
        "python -c 'import torch'",
        "grade ex07_conv (reference)",
        "grade ex07_conv (stub)",
        "grade list",
        "grade show ex07_conv",
        "grade --help",
        "grade watch ex07_conv",
        "grade watch ex07_conv --public-only",
        "plain pytest, in-process",
        "requests",
        "fork and confine",
        "import the submission",
        "end of the worker",
        "pytest itself",
        "private pages of a worker, largest",
        "private pages of the zygote",
        "private pages of the judge",
        *(f"{tier}: open a sandbox" for tier in ("full", "lite", "none")),
    ):
        assert rows[name][:1].isdigit() or rows[name] == "refused", name


def _rows(text: str) -> list[tuple[str, str]]:
    lines = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("| ")]
    return [(cells[0].strip(), cells[1].strip()) for cells in lines]


def test_a_sample_has_a_median_and_quartiles() -> None:
    """A sample is written as its median and the quartiles around it, one value alone."""
    assert str(_sample(4, 1, 2, 3, 100)) == "3.00 ms (2.00 to 4.00)"
    assert str(_sample(123.4)) == "123 ms"


def test_a_bound_holds_or_does_not() -> None:
    """A row says whether its ratio keeps the bound and reaches the goal."""
    base = _sample(100)
    assert compared("a", _sample(120), base, bound=1.5, goal=1.25).holds == "yes, goal too"
    assert compared("a", _sample(140), base, bound=1.5, goal=1.25).holds == "yes, goal missed"
    assert compared("a", _sample(160), base, bound=1.5, goal=1.25).holds == "NO"
    assert compared("a", _sample(160), base).bound == ""
    assert limited("a", _sample(81), bound=80).holds == "NO"


def test_figures_stand_between_their_markers(tmp_path: Path) -> None:
    """Filling a page replaces what stands between the markers and nothing else."""
    page = tmp_path / "page.md"
    page.write_text(
        "before\n<!-- figures: begin -->\nearlier figures\n<!-- figures: end -->\nafter\n", "utf-8"
    )
    table = render(Table("Heading", "Note.", (measured("what", _sample(7)),)))
    for _ in range(2):
        fill(page, "figures", table)
    text = page.read_text("utf-8")
    assert text.startswith("before\n<!-- figures: begin -->\n\n### Heading\n")
    assert text.endswith("|\n\n<!-- figures: end -->\nafter\n")
    assert text.count("| what ") == 2  # the head of the table and the row
    assert "earlier figures" not in text


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    """A page that has no place for the figures is refused, not overwritten."""
    page = tmp_path / "page.md"
    page.write_text("text\n", "utf-8")
    with pytest.raises(ValueError, match="has no lines"):
        fill(page, "figures", "new")
    assert page.read_text("utf-8") == "text\n"


def test_the_documentation_has_places_for_the_figures() -> None:
    """docs/benchmarks.md has the marker lines that the two commands fill."""
    text = (_ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    for section in ("figures", "peers"):
        assert f"<!-- {section}: begin -->" in text
        assert f"<!-- {section}: end -->" in text
