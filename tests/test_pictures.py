"""Pictures of READMEs and the map of the course are what their programs make."""

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


def test_the_course_map_is_fresh(tmp_path: Path) -> None:
    """Made again from the exercises, its pages and its picture are the same to the byte."""
    command = [sys.executable, "-m", "docs.pictures.course_map", str(tmp_path)]
    subprocess.run(command, cwd=_ROOT, check=True, timeout=60)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(made) == 3
    assert made == {name: (_ROOT / "docs" / name).read_bytes() for name in made}


def _found(root: Path) -> list[Path]:
    return sorted(root.glob("exercises/*/*.svg"))
