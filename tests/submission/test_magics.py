"""What only IPython understands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.submission.magics import to_python


@pytest.mark.parametrize(
    "line",
    [
        *("%matplotlib inline", "!pip install torch", "?print", "??print", "print?", "torch.nn??"),
        *("files = !ls", "now = %time f()", "%%ls", "%timeit x = (1"),
    ],
)
def test_a_magic_line_becomes_pass(line: str) -> None:
    """Line magics, shell commands and questions are replaced; what follows stays."""
    assert to_python(f"x = 1\n{line}\ny = 2") == "x = 1\npass\ny = 2"


def test_indentation_is_kept() -> None:
    """A magic that is the whole body of a block leaves a body behind."""
    assert to_python("if x:\n    %matplotlib inline\n") == "if x:\n    pass\n"


def test_a_continued_command_is_replaced_with_its_continuation() -> None:
    """The lines that a backslash joins to a command go with it."""
    assert to_python("!pip install \\\n  torch \\\n  numpy\nx = 1") == "pass\n\n\nx = 1"


@pytest.mark.parametrize(
    "cell",
    [
        "x = (a\n% b)",
        'text = """\n%d items\n!important\nwhat?\n"""',
        "text = '''a \"\"\" b\n%x\n'''",
        "x = a \\\n% b",
        "f = {\n'a': 1}\nx = 5 % 2",
        "x = '(' # [ (\ny = \"it's\"\nz != 1",
        "x = '\\\\'\ny = 3",
        "x = 'a\\\n%d'",
        'print("%d" % 3)',
        "d['a=%d'] = 1",
        "ok = 1  # really?",
    ],
)
def test_ordinary_python_is_untouched(cell: str) -> None:
    """A % that continues an expression and text inside strings stay as they are."""
    assert to_python(cell) == cell


def test_a_magic_after_a_broken_string_is_still_seen() -> None:
    """An unclosed one-line string does not swallow the rest of the cell."""
    assert to_python("x = 'oops\n%matplotlib inline") == "x = 'oops\npass"


@pytest.mark.parametrize("magic", ["%%bash", "%%timeit", "%%writefile a.py", "%%html", "%%"])
def test_other_cell_magics_drop_the_cell(magic: str) -> None:
    """A cell whose magic does something else with it is no Python."""
    assert to_python(f"\n{magic}\nx = 1") is None


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%capture\n%%time"])
def test_time_and_capture_keep_the_body(magic: str) -> None:
    """Magics that run the cell in the notebook leave only their own lines blank."""
    blank = "\n" * magic.count("\n")

    assert to_python(f"{magic}\nx = 1\n%pwd") == f"{blank}\nx = 1\npass"


@settings(deadline=None)
@given(st.text(alphabet="ab%!?=\\'\"#()[]{} \t\n"))
def test_the_number_of_lines_never_changes(cell: str) -> None:
    """Whatever the cell, line n of the result is line n of the cell."""
    result = to_python(cell)

    assert result is None or result.count("\n") == cell.count("\n")


@pytest.mark.parametrize("unit", [" ", "a", "a ", "'", "\\", "(", "a.", "?"])
def test_a_long_line_is_read_in_one_pass(unit: str) -> None:
    """No repetition of a character makes the scan take longer than its length."""
    line = unit * (400_000 // len(unit))

    assert to_python(line) in {line, "pass"}
