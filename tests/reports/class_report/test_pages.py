"""What stands in the pages, and what must not stand there."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import pytest

from grader.reports.class_report.student_pages import repeat_command
from grader.reports.class_report.words import catalogue
from grader.reports.messages import placeholders
from tests.reports.class_report.classes import HIDDEN_INPUT, HOSTILE_ID, SCRIPT, STUDENTS
from tests.reports.class_report.conftest import Report, Write


class _Elements(HTMLParser):
    """Collects all elements with their attributes, and the text of each kind of element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, _tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        """All that is shown."""
        return " ".join(" ".join(self.words).split())


def test_overview_says_what_there_is(report: Report) -> None:
    """Scores as numbers, everything else as a sign; strange and unreadable work is named."""
    page = report("index.html")
    text = _Elements(page).text
    rows = dict(
        re.findall(
            r'<tr data-tags="[^"]*"><th scope="row"><a href="[^"]*">([^<]*)</a>(.*?)</tr>', page
        )
    )
    cells = {
        name: re.findall(r'<td class="([\w-]+)"><a [^>]*>([^<]*)<', row)
        for name, row in rows.items()
    }
    assert cells["Anna Meier"][0] == ("h5", "100")
    assert cells["Anna Meier"][1][1].isdigit()
    assert cells["Ben Kim"][0][1].endswith("L")
    assert cells["Ben Kim"][1][1].endswith("*")
    assert cells["Eve Ill"] == [("excused", "exc"), ("missing", "–"), ("missing", "–")]
    assert cells["王芳"][0] == ("ungraded", "?")
    assert report.written.unreadable == 1
    assert "1 reports cannot be read" in text
    assert "ex99_gone (1)" in text
    assert "1: ex02_mean (3 submissions)" in text
    assert 'href="leaderboard.html"' in page


def test_a_student_sees_only_what_is_theirs(report: Report) -> None:
    """No other student, no reason and no author of a decision, no link to another page."""
    for student in STUDENTS:
        page = report.of("students", student.id)
        links = [names["href"] for tag, names in _Elements(page).elements if tag == "a"]
        assert all(str(link).startswith("#") for link in links)
        for other in STUDENTS:
            if other is not student and other.id.isalpha():
                assert not re.search(rf"\b{other.id}\b|{other.name}", page), (student, other)
        assert "Prof. Ada" not in page
        assert "somebody" not in page
        assert HIDDEN_INPUT not in page
    page = report.of("students", "ben")
    assert "Well explained." in page
    assert "set by an instructor" in page
    assert "printed by me" in page
    assert "oral" not in page
    assert "You have handed in 3 versions" in report.of("students", "anna")


def test_staff_see_everything(report: Report) -> None:
    """Every attempt, undone decisions with author and reason, and how to repeat a grading."""
    text = _Elements(report.of("staff", "ben")).text
    for words in (
        "a mistake", "Prof. Ada", "oral", "ben@example.org", "printed by me", "test_corr2d_equals",
        "grade ex01_add handed_in/ben/ex01_add.py --seed 1853250137 --device cpu",
        "by the platform's word", "torch 2.6.0", f"ValueError in line 3: {HIDDEN_INPUT}",
    ):  # fmt: skip
        assert words in text
    assert 'class="undone"' in report.of("staff", "ben")
    assert "Submission 3:" in report.of("staff", "anna")
    assert "4711" in report.of("staff", "anna")
    assert "Not graded to the end; 0 checks" in report.of("staff", "王芳")
    hostile = report.of("staff", HOSTILE_ID)
    assert "format version 0" in hostile
    assert "not in the course now" in hostile


def test_an_exercise_tells_of_its_checks(report: Report) -> None:
    """Pass rates, clusters with links to their members, suspicious speed."""
    text = _Elements(report("exercises/ex03_line.html")).text
    assert "everybody passes" in text
    assert "nobody passes" in text
    assert "2 submissions Representative: Anna Meier" in text
    assert re.search(r"Suspicious speed, not a verdict: [^:]*: Ben Kim", text)
    assert "<svg" in report("exercises/ex03_line.html")


def test_the_leaderboard_names_nobody(report: Report) -> None:
    """A pseudonym, equal in the next run, that only the student's own page tells."""
    page = report("leaderboard.html")
    names = re.findall(r"<code>([A-Z2-7]{4}-[A-Z2-7]{4})</code>", page)
    assert len(names) == 1
    assert "1.25" in page
    assert names[0] in report.of("students", "anna")
    assert names[0] not in report("index.html")
    for student in STUDENTS:
        for word in (student.id, student.name, student.email):
            assert word not in _Elements(page).text
    assert "href" not in page.replace('href="#main"', "")
    key = report.course / "class.db.leaderboard-key"
    assert key.stat().st_mode & 0o077 == 0


def test_the_same_store_gives_the_same_bytes(report: Report, write: Write) -> None:
    """Every file."""
    again = write(report.course, "en")
    names = sorted(path.relative_to(report.out) for path in report.out.rglob("*.*"))
    assert names == sorted(path.relative_to(again.out) for path in again.out.rglob("*.*"))
    for name in names:
        assert (report.out / name).read_bytes() == (again.out / name).read_bytes(), name


def test_hostile_text_stays_text(report: Report) -> None:
    """No element and no attribute comes from a student; what is invisible is written out."""
    for path in report.out.rglob("*.html"):
        page = path.read_text("utf-8")
        elements = _Elements(page).elements
        assert sum(tag == "script" for tag, _ in elements) == 1
        assert not {"img", "iframe", "object", "link", "form"} & {tag for tag, _ in elements}
        names = {name for _, attributes in elements for name in attributes}
        assert not [name for name in names if name.startswith("on") or name == "style"]
        assert not re.search("[\u202e\x1b]", page)
    hostile = _Elements(report.of("staff", HOSTILE_ID)).text
    assert SCRIPT in hostile
    assert "\\u202e" in hostile


def test_pages_are_accessible(write: Write, report: Report) -> None:
    """Headings in order, ids once, tables with scope, pictures with a title; in Chinese as well."""
    chinese = write(report.course, "zh")
    pages = [*report.out.rglob("*.html"), *chinese.out.rglob("*.html")]
    for path in pages:
        elements = _Elements(path.read_text("utf-8")).elements
        headings = [int(tag[1]) for tag, _ in elements if re.fullmatch(r"h\d", tag)]
        assert headings[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(headings)), path
        ids = [names["id"] for _, names in elements if "id" in names]
        assert len(ids) == len(set(ids)), path
        assert all("scope" in names for tag, names in elements if tag == "th")
        for tag, names in elements:
            if tag == "svg" and "aria-hidden" not in names:
                assert names.get("aria-label") or names.get("aria-labelledby")
    assert "谁遇到了困难" in chinese("index.html")
    assert '<html lang="zh-Hans">' in chinese("index.html")


def test_the_command_is_safe_to_paste() -> None:
    """A file name can neither end the command nor be taken for an option."""
    told = repeat_command("ex01_add", "x'; rm -rf ~; $(id)/a b.py", 7, "cpu")
    assert told == "grade ex01_add 'x'\"'\"'; rm -rf ~; $(id)/a b.py' --seed 7 --device cpu"
    assert repeat_command("ex01_add", "--help", 7, "cpu").split()[2] == "./--help"


@pytest.mark.parametrize("key", catalogue())
def test_words_are_in_both_languages(key: str) -> None:
    """With the same data in both."""
    entry = catalogue()[key]
    assert entry.keys() == {"en", "zh"}
    assert placeholders(entry["en"]) == placeholders(entry["zh"])
