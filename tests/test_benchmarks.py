"""The benchmarks run to their end and say something in every row; what they say is not tested."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.course import CONV_COURSE
from benchmarks.peer_courses import PlainPytest
from benchmarks.samples import Sample, per_second
from benchmarks.synthetic_class import DUE, Kind, Work, make_class, write_class
from benchmarks.table import Row, Table, at_least, compared, fill, limited, measured, render
from benchmarks.watched import CannotRunError, run
from grader.batch.collection import open_collection
from grader.batch.handed_in import Why, handed_in
from grader.batch.layouts import parts_of
from grader.batch.mapping import mapped_parts
from grader.batch.roster import read_roster
from grader.course import find_course

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


def test_a_ratio_that_has_to_be_large() -> None:
    """A row says whether it is as many times as fast as it has to be."""
    row = measured("a", per_second(6, [2, 3, 4]))
    assert row.value == "2.00 /s (1.75 to 2.50)"
    assert at_least(row, 70, bound=60, goal=100).holds == "yes, goal missed"
    assert at_least(row, 100, bound=60, goal=100).holds == "yes, goal too"
    assert at_least(row, 1.69, bound=1.7) == replace(row, ratio="1.69 x", bound="1.7 x", holds="NO")
    assert at_least(row, 3).ratio == "3 x"


def test_a_column_that_no_row_has_is_left_out() -> None:
    """Peak memory stands in a table of which one row has it, and in no other."""
    row = Row("what", "7 ms")
    assert "peak memory" not in render(Table("Heading", "Note.", (row,)))
    both = render(Table("Heading", "Note.", (row, replace(row, memory="5 MB"))))
    assert both.count("5 MB") == both.count("peak memory") == 1


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
    """docs/benchmarks.md has the marker lines that the commands fill."""
    text = (_ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    tools = ("figures", "timing", "timed models", "peers", "class runs")
    for section in (*tools, "whole class", "whole course", "class report"):
        assert f"<!-- {section}: begin -->" in text
        assert f"<!-- {section}: end -->" in text


_COURSE = find_course(CONV_COURSE)
_EVERY_KIND = dict.fromkeys(Kind, 1 / len(Kind))


def _class(students: int = 21) -> list[Work]:
    return make_class(_COURSE.exercises(), students, shares=_EVERY_KIND, seed=3)


def test_a_synthetic_class_is_the_same_again_and_never_twice_the_same() -> None:
    """One seed makes one class; no two of its submissions are equal, but for untouched stubs."""
    works = _class()
    assert works == _class()
    assert Counter(work.kind for work in works) == dict.fromkeys(Kind, 3)
    graded = [work.data for work in works if work.kind not in {Kind.STUB, Kind.MISSING}]
    assert len(set(graded)) == len(graded)
    assert {work.solution for work in works if work.kind is Kind.HOSTILE} == {
        "loops",
        "exits",
        "hoards",
    }
    assert works != make_class(_COURSE.exercises(), 21, shares=_EVERY_KIND, seed=4)


@pytest.mark.parametrize("named", ["handed_in", "submissions.csv"])
def test_a_synthetic_class_is_read_as_it_is_meant(tmp_path: Path, named: str) -> None:
    """What is graded, untouched and missing; who is late, only the CSV knows."""
    works = _class()
    write_class(works, tmp_path)
    path = tmp_path / named
    parts = parts_of(open_collection(path)) if path.is_dir() else mapped_parts(path, _COURSE)
    handed = handed_in(parts, _COURSE.exercises(), read_roster(tmp_path / "roster.csv"))

    def students(*kinds: Kind) -> list[str]:
        return [work.student for work in works if work.kind in kinds]

    graded = students(*set(Kind) - {Kind.STUB, Kind.MISSING})
    assert [each.student for each in handed.found] == graded
    untouched = [note.student for note in handed.notes if note.why is Why.UNTOUCHED]
    assert (untouched, len(handed.notes)) == (students(Kind.STUB), 3)
    assert [student.id for student, _ in handed.missing] == students(Kind.MISSING)
    assert handed.strangers == []
    late = [each.student for each in handed.found if each.handed_in and each.handed_in > DUE]
    assert late == (students(Kind.LATE) if named == "submissions.csv" else [])
    texts = {each.student: each.read().files["ex01_conv.py"].decode() for each in handed.found}
    assert all(f"# {student}, ex01_conv" in text for student, text in texts.items())


def test_the_plain_checks_give_the_points_that_they_should(tmp_path: Path) -> None:
    """In plain pytest: four for what is right, fewer for what is not, as in `grade`."""
    solutions = CONV_COURSE / "solutions" / "ex01_conv"
    works = [
        Work(path.stem, "ex01_conv", Kind.RIGHT, path.stem, "ex01_conv.py", path.read_bytes(), None)
        for path in (
            solutions / "ex01_conv.py",
            solutions / "wrong" / "forgets_the_bias.py",
            solutions / "wrong" / "raises_at_import.py",
        )
    ]
    peer = PlainPytest("pytest", None)
    peer.make(tmp_path, works)
    assert len(peer.grade(tmp_path, None)) == len(works)
    points = {"ex01_conv": 4, "forgets_the_bias": 3, "raises_at_import": 0}
    assert peer.scores(tmp_path) == points


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what each process holds")
def test_a_watched_command_tells_its_memory_and_its_failure(tmp_path: Path) -> None:
    """What its children hold counts too; a command that fails is no measurement."""
    hoard = "import time; held = b'x' * (100 << 20); time.sleep(1)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hoard!r}])"
    ran = run([sys.executable, "-c", code], tmp_path, look_every=0.1)
    assert ran.peak > 100 << 10
    assert ran.seconds > 1
    with pytest.raises(CannotRunError, match="ended with 3: no course"):
        run([sys.executable, "-c", "print('no course'); raise SystemExit(3)"], tmp_path)
