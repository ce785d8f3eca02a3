"""Which files belong to a submission."""

from __future__ import annotations

import pytest

from grader.errors import UserError
from grader.submission.selection import find_helpers, find_main, is_skipped

ENTRY = "ex07_conv.py"


@pytest.mark.parametrize(
    ("names", "main"),
    [
        (["ex07_conv.py", "other.py"], "ex07_conv.py"),
        (["ex07_conv.py", "old/ex07_conv.py"], "ex07_conv.py"),
        (["top/ex07_conv.py", "top/old/ex07_conv.py"], "top/ex07_conv.py"),
        (["exercises/ex07_conv/ex07_conv.py", "README.md"], "exercises/ex07_conv/ex07_conv.py"),
        (["ex07_conv.ipynb", "scratch.ipynb"], "ex07_conv.ipynb"),
        (["ex07_conv.py", "ex07_conv.ipynb"], "ex07_conv.py"),
        (["work/Untitled1.ipynb", "work/notes.txt"], "work/Untitled1.ipynb"),
    ],
)
def test_the_file_to_grade_is_found(names: list[str], main: str) -> None:
    """By name at the top, by name anywhere if unique, or as the only notebook."""
    assert find_main(names, ENTRY, "here") == main


@pytest.mark.parametrize(
    "names",
    [
        ["a/ex07_conv.py", "b/ex07_conv.py"],
        ["one.ipynb", "two.ipynb"],
    ],
)
def test_several_candidates_are_listed_not_guessed(names: list[str]) -> None:
    """Two files that could be meant are an error that names both."""
    with pytest.raises(UserError) as caught:
        find_main(names, ENTRY, "here")

    assert all(name in caught.value.message.en for name in names)
    assert all(name in caught.value.message.zh for name in names)


def test_a_near_name_is_suggested() -> None:
    """A misspelt file is named in the next step, with what is expected."""
    with pytest.raises(UserError, match=r"no ex07_conv\.py in here") as caught:
        find_main(["src/ex7_conv.py", "a.py"], ENTRY, "here")

    assert caught.value.next_step is not None
    assert "ex7_conv.py" in caught.value.next_step.en
    assert "ex07_conv.py" in caught.value.next_step.zh


def test_what_was_found_is_listed() -> None:
    """Without a near name, the Python files that are there are listed."""
    with pytest.raises(UserError) as caught:
        find_main(["zzz.py", "notes.md"], ENTRY, "here")

    assert caught.value.next_step is not None
    assert "zzz.py" in caught.value.next_step.en
    assert "notes.md" not in caught.value.next_step.en


def test_nothing_at_all_is_said_so() -> None:
    """An empty folder gives a sentence too."""
    with pytest.raises(UserError) as caught:
        find_main([], ENTRY, "here")

    assert caught.value.next_step is not None
    assert "No Python file" in caught.value.next_step.en


def test_helpers_come_along_relative_to_the_file() -> None:
    """Python and data files beside and below it come along, the course's own files do not."""
    names = [
        *("w/ex07_conv.py", "w/util.py", "w/data/points.csv", "other/util.py", "w/report.pdf"),
        *("w/test_public.py", "w/conftest.py", "w/exercise.yaml", "w/README.md", "w2/x.py"),
    ]

    assert find_helpers(names, "w/ex07_conv.py", special=()) == {
        "util.py": "w/util.py",
        "data/points.csv": "w/data/points.csv",
    }


def test_special_files_beside_it_are_never_missed() -> None:
    """A link comes along whatever its name, to be refused by the caller."""
    assert find_helpers(["a.py", "data"], "a.py", special={"data"}) == {"data": "data"}


@pytest.mark.parametrize("name", [".git/x.py", "__pycache__/a.py", "__MACOSX/a.py", "venv/b.py"])
def test_what_tools_leave_behind_is_skipped(name: str) -> None:
    """Hidden folders and those of tools hold no student's work."""
    assert is_skipped(name)
    assert not is_skipped("src/a.py")
