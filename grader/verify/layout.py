"""Which files an exercise has: both halves complete, nothing beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.course import Course, ExerciseRef
from grader.course.solutions import Solutions, alternatives
from grader.text import Text
from grader.verify.findings import Aspect, Finding

_FEWEST_RIGHT = 2
_FEWEST_WRONG = 4
_CACHES = ("__pycache__", ".ipynb_checkpoints")


def course_findings(course: Course) -> Iterator[Finding]:
    """Folders of exercises/ and solutions/ that are no exercise's."""
    names = {ref.name for ref in course.exercises()}
    for half in ("exercises", "solutions"):
        for path in _entries(course.root / half):
            if path.name not in names:
                yield _stray(path.name, course, path)


def layout_findings(
    course: Course, ref: ExerciseRef, files: Sequence[str] = ()
) -> Iterator[Finding]:
    """Files of one exercise, a project of these further ones, that are missing or unexpected."""
    solution = ref.reference.parent
    modules = {ref.entry, *files}
    public = [ref.folder / name for name in (*_PUBLIC, *sorted(modules))]
    public += [ref.folder / name for name in _pictures(ref.readme("en"))]
    secret = [solution / name for name in (*_SECRET, *sorted(modules))]
    for path in (*public, *secret):
        if not path.is_file():
            where = path.relative_to(course.root)
            yield _finding(ref.name, f"{where} is missing.", f"缺少 {where}。")
    folders = [solution / "right", solution / "wrong"]
    found = [*_entries(ref.folder), *_entries(solution)]
    expected = {*public, *secret, *folders}
    inside = [path for folder in folders for path in _entries(folder) if path.suffix != ".py"]
    if files:
        inside = [
            path for folder in inside for path in _entries(folder) if path.name not in modules
        ]
    for path in [path for path in found if path not in expected] + inside:
        yield _stray(ref.name, course, path)


def solution_findings(ref: ExerciseRef, solutions: Solutions) -> Iterator[Finding]:
    """Whether there are enough solutions, and every wrong one is declared and there."""
    declared = {solutions.wrong_path(each) for each in solutions.wrong}
    there = set(alternatives(solutions.folder / "wrong"))
    for path in sorted(there - declared):
        yield _finding(
            ref.name,
            f"wrong/{path.name} is not declared in expected.yaml.",
            f"expected.yaml 没有声明 wrong/{path.name}。",
        )
    for path in sorted(declared - there):
        yield _finding(
            ref.name,
            f"expected.yaml declares wrong/{path.name}, which is missing.",
            f"expected.yaml 声明了 wrong/{path.name}，但没有这个文件。",
        )
    for kind, files, fewest in (
        ("right", solutions.right(), _FEWEST_RIGHT),
        ("wrong", there, _FEWEST_WRONG),
    ):
        if len(files) < fewest:
            yield _finding(
                ref.name,
                f"{kind}/ has {len(files)} solutions; at least {fewest} are needed.",
                f"{kind}/ 里只有 {len(files)} 个解答，至少需要 {fewest} 个。",
            )


_PUBLIC = ("exercise.yaml", "hints.yaml", "README.md", "README.zh.md", "test_public.py")
_SECRET = ("expected.yaml", "test_hidden.py")
_PICTURE = re.compile(r"!\[[^\]]*\]\(([\w-]+\.svg)\)")


def _pictures(readme: Path) -> Iterator[str]:
    """The files that a README shows; both show the same, see texts.py."""
    if readme.is_file():
        yield from _PICTURE.findall(readme.read_text("utf-8"))


def _entries(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.glob("*") if path.name not in _CACHES)


def _stray(exercise: str, course: Course, path: Path) -> Finding:
    where = path.relative_to(course.root)
    return _finding(exercise, f"{where} belongs to no exercise.", f"{where} 不属于任何练习。")


def _finding(exercise: str, en: str, zh: str) -> Finding:
    return Finding(exercise, Aspect.FILES, Text(en, zh))
