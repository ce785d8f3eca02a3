"""The pictures of the exercises' READMEs are what their program draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parent.parent


def test_pictures_are_fresh(tmp_path: Path) -> None:
    """Drawn again, each is the same to the byte, and there is no other."""
    command = [sys.executable, "-m", "docs.pictures.exercises", str(tmp_path)]
    subprocess.run(command, cwd=_ROOT, check=True, timeout=60)
    drawn, there = (
        {path.relative_to(root): path.read_bytes() for path in _found(root)}
        for root in (tmp_path, _ROOT)
    )
    assert drawn == there


def _found(root: Path) -> list[Path]:
    return sorted(root.glob("exercises/*/*.svg"))
