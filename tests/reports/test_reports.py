"""The package as its users see it."""

from __future__ import annotations

import subprocess
import sys

import grader.reports


def test_import_is_light() -> None:
    """Importing the package loads no rich, jinja2 or torch: most commands need none of them."""
    code = (
        "import sys, grader.reports\n"
        "print([name for name in ('rich', 'jinja2', 'torch', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_all_names_are_there_and_sorted() -> None:
    """What the package promises can be imported."""
    assert grader.reports.__all__ == sorted(grader.reports.__all__)
    assert all(callable(getattr(grader.reports, name)) for name in grader.reports.__all__)
