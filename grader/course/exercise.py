"""What exercise.yaml says about one exercise."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from grader.course.course import ExerciseRef
from grader.course.timed import TimedTask, timed_tasks
from grader.text import Text

if TYPE_CHECKING:
    from grader.course.document import Section

RuleKind = Literal["forbid", "require"]

_KEYS = (
    *("title", "state", "topics", "needs", "minutes", "limits", "files", "network"),
    *("preload", "rules", "timed"),
)
_FILE = re.compile(r"(?!test_|conftest)[a-z_][a-z0-9_]*\.py")
_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True)
class Limits:
    """How much a submission may use."""

    request_seconds: float = 10.0
    """For one request of a check to the worker."""
    check_seconds: float = 30.0
    submission_seconds: float = 120.0
    memory_mb: float = 2048.0
    """For one worker with all that it starts, in MiB."""

    def times(self, share: float) -> Limits:
        """These limits, each multiplied by `share`."""
        return Limits(*(share * limit for limit in astuple(self)))


@dataclass(frozen=True)
class SourceRule:
    """Calls that the task forbids or requires in the source text of a submission."""

    sentence: Text
    kind: RuleKind
    calls: tuple[str, ...]
    """Fully qualified, torch.nn.functional.conv2d."""
    inside: tuple[str, ...]
    """The functions and classes that it concerns; empty for the whole file."""
    penalty: float
    """Points lost when it is broken; 0 makes it advice only."""


@dataclass(frozen=True)
class Exercise(ExerciseRef):
    """One exercise with what its exercise.yaml says."""

    title: Text
    is_draft: bool
    """Not proved as a whole yet: `grade verify` of the course does not grade it."""
    topics: tuple[str, ...]
    needs: tuple[str, ...]
    """The exercises that teach what it takes for granted; not those that they need in turn."""
    minutes: float
    """How long it takes a student."""
    limits: Limits
    files: tuple[str, ...]
    """Of a project: the Python files beside the entry, which imports them."""
    loopback: bool
    """Whether its workers' processes may talk to each other by TCP."""
    preload: tuple[str, ...]
    """Modules that a worker has imported before the submission."""
    rules: tuple[SourceRule, ...]
    timed: tuple[TimedTask, ...]

    def handed_in(self, path: Path) -> Path:
        """What to read when `path` is named: of a project the folder in which its entry lies."""
        return path.parent if self.files and path.name == self.entry else path


def load_exercise(ref: ExerciseRef) -> Exercise:
    """Read and validate exercise.yaml; UserError with file and line when it is not right."""
    from grader.course.document import read_document  # noqa: PLC0415 - yaml only when needed

    document = read_document(ref.folder / "exercise.yaml")
    document.allow(*_KEYS)
    return Exercise(
        folder=ref.folder,
        title=document.bilingual("title"),
        is_draft=_one_of(document, "state", "ready", "draft") == "draft",
        topics=document.words("topics"),
        needs=document.words("needs", ()),
        minutes=document.number("minutes"),
        limits=_limits(document.section("limits")) if "limits" in document else Limits(),
        files=_files(document),
        loopback=_one_of(document, "network", "none", "loopback") == "loopback",
        preload=_dotted(document, "preload", default=("torch",)),
        rules=tuple(_rule(section) for section in document.sections("rules")),
        timed=timed_tasks(document),
    )


def _files(document: Section) -> tuple[str, ...]:
    names = document.words("files", ())
    for name in names:
        if not _FILE.fullmatch(name):
            document.refuse_value(
                "files", f"'{name}' is not the name of a module.", f"{name} 不是模块的文件名。"
            )
    return names


def _one_of(document: Section, key: str, usual: str, other: str) -> str:
    word = document.text(key) if key in document else usual
    if word not in (usual, other):
        document.refuse_value(
            key, f"'{key}' must be {usual} or {other}.", f"{key} 只能是 {usual} 或 {other}。"
        )
    return word


def _limits(section: Section) -> Limits:
    section.allow("request_seconds", "check_seconds", "submission_seconds", "memory_mb")
    default = Limits()
    return Limits(
        request_seconds=section.number("request_seconds", default.request_seconds),
        check_seconds=section.number("check_seconds", default.check_seconds),
        submission_seconds=section.number("submission_seconds", default.submission_seconds),
        memory_mb=section.number("memory_mb", default.memory_mb),
    )


def _rule(section: Section) -> SourceRule:
    section.allow("sentence", "kind", "calls", "inside", "penalty")
    kind = section.text("kind")
    if kind not in ("forbid", "require"):
        section.refuse_value(
            "kind", "'kind' must be forbid or require.", "kind 只能是 forbid 或 require。"
        )
    return SourceRule(
        sentence=section.bilingual("sentence"),
        kind=cast("RuleKind", kind),
        calls=_dotted(section, "calls"),
        inside=_dotted(section, "inside", default=()),
        penalty=section.number("penalty", 0.0, zero=True),
    )


def _dotted(section: Section, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Read a list of Python names such as torch.nn.functional.conv2d."""
    names = section.words(key, default)
    for name in names:
        if not _DOTTED.fullmatch(name):
            section.refuse_value(
                key, f"'{name}' is not a Python name.", f"{name} 不是合法的 Python 名字。"
            )
    return names
