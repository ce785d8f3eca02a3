"""Where a course is and which exercises it has, from names of folders alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.naming import best_match
from grader.errors import UserError
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.course.document import Section

_FOLDER = re.compile(r"ex[0-9]{2,}_[a-z0-9_]+")
_README = {"en": "README.md", "zh": "README.zh.md"}


@dataclass(frozen=True)
class ExerciseRef:
    """One exercise of a course, known by its folder; nothing in it has been read."""

    folder: Path
    """exercises/ex07_conv of the course, absolute."""

    @property
    def name(self) -> str:
        """The folder's name, ex07_conv."""
        return self.folder.name

    @property
    def course_root(self) -> Path:
        """The folder with course.yaml."""
        return self.folder.parent.parent

    @property
    def entry(self) -> str:
        """The name of the file that a student hands in, ex07_conv.py."""
        return f"{self.name}.py"

    @property
    def stub(self) -> Path:
        """The file to fill in: in a student's copy, the student's own file."""
        return self.folder / self.entry

    @property
    def stub_files(self) -> list[Path]:
        """What there is to fill in: the stub, and of a project its other files."""
        return _modules(self.folder)

    @property
    def public_checks(self) -> Path:
        """The checks that students have."""
        return self.folder / "test_public.py"

    @property
    def hints(self) -> Path:
        """The hints for each function or class; an exercise may have none."""
        return self.folder / "hints.yaml"

    @property
    def hidden_checks(self) -> Path | None:
        """The checks that students do not have, or None where they are absent."""
        path = self._solution / "test_hidden.py"
        return path if path.is_file() else None

    @property
    def reference(self) -> Path:
        """The teacher's solution; absent in a student's copy."""
        return self._solution / self.entry

    @property
    def reference_files(self) -> list[Path]:
        """The reference, and of a project its other files; none in a student's copy."""
        return _modules(self._solution)

    def readme(self, lang: Lang) -> Path:
        """Where the task is told in `lang`."""
        return self.folder / _README[lang]

    @property
    def _solution(self) -> Path:
        return self.course_root / "solutions" / self.name


def _modules(folder: Path) -> list[Path]:
    """The Python files of a folder that hold no checks, in order."""
    return [path for path in sorted(folder.glob("*.py")) if not path.name.startswith("test_")]


@dataclass(frozen=True)
class Course:
    """A folder with course.yaml and exercises/."""

    root: Path
    """Absolute."""

    def title(self) -> Text:
        """Read the course's name; UserError when course.yaml is not as it should be."""
        return self.document().bilingual("title")

    def document(self) -> Section:
        """Read course.yaml; its due dates and rules are `grader.gradebook`'s to understand."""
        from grader.course.document import read_document  # noqa: PLC0415 - yaml only when needed

        document = read_document(self.root / "course.yaml")
        document.allow("title", "timezone", "grading")
        return document

    def exercises(self) -> list[ExerciseRef]:
        """Every exercise in the order of the course."""
        folders = [
            folder
            for folder in (self.root / "exercises").iterdir()
            if _FOLDER.fullmatch(folder.name) and folder.is_dir()
        ]
        folders.sort(key=lambda folder: (int(folder.name[2:].split("_")[0]), folder.name))
        return [ExerciseRef(folder) for folder in folders]

    def resolve(self, name: str) -> ExerciseRef:
        """Find the exercise that `name` means: ex07_conv, ex7, 7, conv, a part of it or a path.

        UserError when no exercise or more than one is meant; the near names are in it.
        """
        if name.startswith("."):  # "." within an exercise's folder
            name = str(Path(name).resolve())
        names = [ref.name for ref in self.exercises()]
        return ExerciseRef(self.root / "exercises" / best_match(name, names))


def find_course(start: Path) -> Course:
    """Find the course that `start`, a folder, lies in; UserError when it lies in none."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / "course.yaml").is_file() and (folder / "exercises").is_dir():
            return Course(folder)
    raise UserError(
        Text(
            f"There is no course here: neither {start} nor a folder above it has a course.yaml "
            "and an exercises folder.",
            f"这里没有课程：{start} 及其上级目录里都没有 course.yaml 和 exercises 文件夹。",
        ),
        next_step=Text(
            "Change into the folder of your course (cd) and run the command again.",
            "请先用 cd 进入课程所在的文件夹，再运行一次。",
        ),
    )
