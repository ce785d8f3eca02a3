"""`grade similar`, the real command on a small class: pairs, pages for staff, plain sentences."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.conftest import Grade
from tests.similarity.copies import renamed

OWN = '''"""Add two tensors."""

from torch import Tensor


def add(a: Tensor, b: Tensor) -> Tensor:
    """Return the sum of two tensors that broadcast."""
    rows, columns = max(len(a), len(b)), max(a.shape[-1], b.shape[-1])
    left = a.expand(rows, columns).reshape(-1).tolist()
    right = b.expand(rows, columns).reshape(-1).tolist()
    found = [one + other for one, other in zip(left, right, strict=True)]
    if any(value != value for value in found):
        raise ValueError("not a number")
    return Tensor(found).view(rows, columns).to(a.dtype)
'''
OTHER = '''"""Add two tensors."""


def add(x, y):
    """Return the sum of two tensors that broadcast."""
    while x.dim() < y.dim():
        x = x.unsqueeze(0)
    total = y.clone().double()
    for index in range(x.numel()):
        total.flatten()[index] += x.flatten()[index] * 1.0
    return -(-total - 0) if total.ndim else total.sum()
'''
ATTACK = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"


class _Page(HTMLParser):
    """The elements of a page, its text, and what its links and places are called."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.source = path.read_text("utf-8")
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(name="handed_in")
def _handed_in(grade: Grade) -> Path:
    """Give the folder for the class's files."""
    folder = grade.folder / "handed_in"
    folder.mkdir()
    return folder


def hand_in(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write the class's files."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)


def notebook(source: str) -> str:
    """A notebook with one cell."""
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def test_pairs_are_told_the_most_alike_first(grade: Grade, handed_in: Path) -> None:
    """The same bytes, then a notebook with other names; never who did something else."""
    hand_in(
        handed_in,
        {
            "anna/ex01_add.py": OWN,
            "ben/ex01_add.py": OWN,
            "carl/ex01_add.ipynb": notebook(renamed(OWN)),
            "dora/ex01_add.py": OTHER,
            # What lies beside it for another exercise does not make the files different.
            "ben/ex02_mean.py": OTHER,
        },
    )
    done = grade("similar", "handed_in")
    assert (done.code, done.err) == (0, "")
    rows = [line.split() for line in done.out.splitlines() if line.startswith("ex01_add ")]
    assert rows[0] == ["ex01_add", "100%", "7", "anna", "–", "ben:", "the", "same", "file"]
    assert rows[1][3:] == ["anna,", "ben", "–", "carl"]
    assert len(rows) == 2
    assert "dora" not in done.out
    assert "ex02_mean: there is only one submission to compare." in done.out
    assert "Alike does not mean copied." in done.out


def test_the_folder_is_for_staff_and_holds_what_was_seen(grade: Grade, handed_in: Path) -> None:
    """Passages are marked on both sides, with links that lead somewhere; the stub is grey."""
    hand_in(handed_in, {"anna/ex01_add.py": OWN, "ben/ex01_add.py": renamed(OWN)})
    (grade.folder / "class.csv").write_text("id,name\nanna,Anna Meier\nben,Ben\n")
    done = grade("similar", "handed_in", "--out", "alike", "--roster", "class.csv")
    assert (done.code, done.err) == (0, "")
    out = grade.folder / "alike"
    assert out.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in out.iterdir()) == [
        *("FOR_STAFF_ONLY.txt", "ex01_add-001.html", "index.html"),
    ]
    index, pair = _Page(out / "index.html"), _Page(out / "ex01_add-001.html")
    assert index.links == ["ex01_add-001.html"]
    for page in (index, pair):
        assert "For staff only" in page.text
        assert "Alike does not mean copied." in page.text
        assert "anna (Anna Meier)" in page.text
    places = {link.removeprefix("#") for link in pair.links if link.startswith("#")}
    assert {"l1", "r1", "l2", "r2"} <= places <= set(pair.ids)
    assert len(pair.ids) == len(set(pair.ids))
    grey = pair.source.split('class="given"')[1].split("</tbody>")[0]
    assert "def add(a: Tensor, b: Tensor)" in grey


def test_pages_of_hostile_students_do_nothing(grade: Grade, handed_in: Path) -> None:
    """Names, code and file names are text; nothing in them is hidden."""
    text = OWN.replace("not a number", ATTACK) + f"# \u202e{ATTACK}\n"
    hand_in(
        handed_in,
        {
            "<b onclick=x>anna/ex01_add.py": text,
            "<b onclick=x>anna/<i>.py": "x = 1\n",
            "ben/ex01_add.py": text + "x = 2\n",
        },
    )
    (grade.folder / "class.csv").write_text(f"id,name\nben,{ATTACK}\n")
    done = grade("similar", "handed_in", "--out", "alike", "--roster", "class.csv")
    assert done.code == 0
    for path in (grade.folder / "alike").glob("*.html"):
        page = _Page(path)
        assert ATTACK in page.text
        assert not page.tags & {"script", "img", "b", "i", "link", "iframe", "form"}
        assert not page.attributes & {"onclick", "onerror", "src", "style"}
        (style,) = re.findall("<style>(.*?)</style>", page.source, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"default-src 'none'; style-src 'sha256-{digest}'" in page.source
        assert "\u202e" not in page.source
    assert "<i>.py" in _Page(grade.folder / "alike/ex01_add-001.html").text


def test_a_folder_with_other_files_is_left_alone(grade: Grade, handed_in: Path) -> None:
    """Students' reports and these pages never lie together; an earlier run's pages go."""
    hand_in(handed_in, {"anna/ex01_add.py": OWN, "ben/ex01_add.py": OWN})
    assert grade("similar", "handed_in", "--out", "alike").code == 0
    (handed_in / "ben/ex01_add.py").write_text(OTHER)
    again = grade("similar", "handed_in", "--out", "alike", "--lang", "zh")
    assert "ex01_add：2 份作业中没有相似的。" in again.out
    names = {path.name for path in (grade.folder / "alike").iterdir()}
    assert names == {"FOR_STAFF_ONLY.txt", "index.html"}
    assert "没有相似的作业" in _Page(grade.folder / "alike/index.html").text

    hand_in(grade.folder / "reports", {"anna/ex01_add.html": "", "index.html": "mine"})
    refused = grade("similar", "handed_in", "--out", "reports")
    assert refused.code == 2
    assert "reports holds something else" in refused.err
    assert (grade.folder / "reports/index.html").read_text() == "mine"


def test_what_cannot_be_compared_is_named(grade: Grade, handed_in: Path) -> None:
    """Each with its reason; the others are compared all the same."""
    hand_in(
        handed_in,
        {
            "anna/ex01_add.py": OWN,
            "ben/ex01_add.py": "# later\n",
            "carl/ex01_add.py": b"\xff\0",
            "dora/ex01_add.py": "x = 1\n" * 20_000,
            "emil/ex01_add.py": "def add(a, b:\n" + OWN,
        },
    )
    done = grade("similar", "handed_in", "--exercise", "1")
    assert done.code == 0
    for said in (
        "not compared: ben ex01_add: it holds nothing but blanks, comments and docstrings",
        "not compared: carl ex01_add: it is no Python text",
        "not compared: dora ex01_add: it has more than",
    ):
        assert said in done.out
    assert "anna – emil" in done.out


def test_nothing_at_all(grade: Grade, handed_in: Path) -> None:
    """One sentence."""
    hand_in(handed_in, {"anna/notes.txt": "x"})
    done = grade("similar", "handed_in")
    assert (done.code, done.out.splitlines()[-1]) == (0, "There is nothing to compare.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone"], "gone cannot be read"),
        (["handed_in", "--exercise", "nonsense"], "There is no exercise"),
        (["handed_in", "--roster", "gone.csv"], "gone.csv cannot be read"),
    ],
)
def test_bad_input_is_one_sentence(
    grade: Grade, handed_in: Path, arguments: list[str], said: str
) -> None:
    """With exit code 2 and no traceback."""
    hand_in(handed_in, {"anna/ex01_add.py": OWN})
    done = grade("similar", *arguments)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
