"""The secret half of an exercise: its solutions, and what expected.yaml promises of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.course import ExerciseRef
from grader.judge.verdicts import Verdict
from grader.text import Text

if TYPE_CHECKING:
    from grader.course.document import Section

# What checks can make of a submission; the other verdicts are nobody's promise.
_PROMISED = (Verdict.FAILED, Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.OUT_OF_MEMORY)


@dataclass(frozen=True)
class WrongSolution:
    """A declared mistake and its promised outcome."""

    name: str
    """Of its file in wrong/, without the ending."""
    why: Text
    not_passed: Mapping[str, Verdict]
    """The checks that it does not pass; it passes every other."""
    rules_broken: int
    """How many source rules it breaks."""


@dataclass(frozen=True)
class Equivalent:
    """A mutant of the reference that no check can kill, because it does the same."""

    mutant: str
    """Its name, as `grade verify --mutants` prints it."""
    why: str


@dataclass(frozen=True)
class Solutions:
    """What lies in solutions/ for one exercise."""

    folder: Path
    wrong: tuple[WrongSolution, ...]
    equivalent: tuple[Equivalent, ...]

    def right(self) -> list[Path]:
        """The alternative right solutions, in order."""
        return alternatives(self.folder / "right")

    def wrong_path(self, solution: WrongSolution) -> Path:
        """Where a wrong solution lies, or should."""
        folder = self.folder / "wrong" / solution.name
        return folder if folder.is_dir() else folder.with_suffix(".py")


def alternatives(folder: Path) -> list[Path]:
    """The solutions in right/ or wrong/, in order: files, and of a project folders as well."""
    found = [path for path in folder.glob("*") if path.suffix == ".py" or any(path.glob("*.py"))]
    return sorted(found)


def right_solutions(ref: ExerciseRef) -> list[Path]:
    """The reference and the alternative right solutions, as far as they are there."""
    reference = [ref.reference] if ref.reference.is_file() else []
    return reference + alternatives(ref.reference.parent / "right")


def solution_files(ref: ExerciseRef, path: Path) -> dict[str, bytes]:
    """The files of one of the course's own solutions, by name.

    A file stands for the entry. What a folder, or a file, lacks of a project is the reference's.
    """
    own = {ref.entry: path} if path.is_file() else {each.name: each for each in path.glob("*.py")}
    files = {each.name: each for each in ref.reference_files} | own
    return {name: each.read_bytes() for name, each in files.items()}


def load_solutions(ref: ExerciseRef) -> Solutions:
    """Read and validate expected.yaml; UserError with file and line when it is not right."""
    from grader.course.document import read_document  # noqa: PLC0415 - yaml only when needed

    folder = ref.reference.parent
    document = read_document(folder / "expected.yaml")
    document.allow("wrong", "equivalent")
    wrong = document.section("wrong")
    return Solutions(
        folder,
        tuple(_wrong(name, wrong.section(name)) for name in wrong.names()),
        tuple(_equivalents(document)),
    )


def _wrong(name: str, section: Section) -> WrongSolution:
    section.allow("why", "not_passed", "rules_broken")
    promised = section.section("not_passed") if "not_passed" in section else None
    return WrongSolution(
        name,
        section.bilingual("why"),
        {check: _verdict(promised, check) for check in promised.names()} if promised else {},
        int(section.number("rules_broken", 0.0, zero=True)),
    )


def _verdict(promised: Section, check: str) -> Verdict:
    word = promised.text(check)
    if word not in _PROMISED:
        known = ", ".join(_PROMISED)
        promised.refuse_value(
            check, f"'{word}' must be one of {known}.", f"{word} 只能是 {known} 之一。"
        )
    return Verdict(word)


def _equivalents(document: Section) -> Iterator[Equivalent]:
    for section in document.sections("equivalent"):
        section.allow("mutant", "why")
        yield Equivalent(section.text("mutant"), section.text("why"))
