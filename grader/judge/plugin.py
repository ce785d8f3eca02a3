"""The pytest plugin: makes the functions of a check file runnable against a submission.

Loaded in two ways, with the same fixtures:
- by the judge process of `grade`, which brings the attempt (`Grading`) with it and records results;
- by plain pytest through its entry point, for editors' test panels and for instructors
  (`pytest exercises/ex07_conv`, `pytest solutions/ex07_conv --submission FILE -x --pdb`). Then the
  attempt is made here, for the file beside the checks or the one named.

An installed plugin is loaded by every pytest run of the environment, so nothing heavy is imported
before a check asks for it, and files that are no check files are left alone.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    # Imports torch: at run time only when a check runs.
    from grader.judge.grading import Grading, Handle
    from grader.judge.rng import Rng
    from grader.timing.measure import Measure
    from grader.timing.runs import Timed

CHECK_FILES = ("test_public.py", "test_hidden.py")
ATTEMPT: pytest.StashKey[Attempt] = pytest.StashKey()


@dataclass
class Left:
    """What a check leaves for its result, beside its exceptions."""

    printed: bytes = b""
    has_answered: bool = False
    """Whether a value has come back from the submission."""
    timed: Timed | None = None


LEFT: pytest.StashKey[Left] = pytest.StashKey()


class Attempt:
    """What the fixtures need to know of the attempt under way."""

    def __init__(
        self,
        grading: Grading,
        *,
        seed: int,
        device: str,
        measure: Measure | None = None,
        is_timed: bool = False,
    ) -> None:
        self.grading = grading
        self.seed = seed
        self.device = device
        self.measure = measure
        """Runs the timed task of a check, by its name; None where that is not done."""
        self.is_timed = is_timed
        """Whether the clock runs meanwhile."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let an instructor name the submission that checks run against."""
    group = parser.getgroup("grade", "checks of a course (grade)")
    group.addoption("--submission", metavar="FILE", help="run the checks against this submission")
    group.addoption("--grade-seed", metavar="N", type=int, help="repeat a run with its seed")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the running attempts of plain pytest, to end them with the session."""
    config.stash[_PLAIN] = _PlainAttempts(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End every process that plain pytest has started."""
    config.stash[_PLAIN].close()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Under plain pytest say how to repeat the run with the same inputs."""
    if attempts := config.stash[_PLAIN]:
        terminalreporter.write_line(f"inputs of the checks: --grade-seed {attempts.seed}")


@pytest.fixture
def submission(request: pytest.FixtureRequest) -> Iterator[Handle]:
    """Give a check the submission, in a fresh worker of its own."""
    grading = _attempt(request.node).grading
    yield grading.begin()
    _end(request.node, grading)


@pytest.fixture
def timed(request: pytest.FixtureRequest) -> Iterator[Timed]:
    """Give a timed check its runs, of the reference and of the submission in turns."""
    from grader.judge.outcomes import JudgeFault  # noqa: PLC0415  see the module's docstring

    item = request.node
    attempt = _attempt(item)
    if attempt.measure is None:
        raise JudgeFault("timed tasks are not measured here")
    with attempt.measure(item.name, is_measured=attempt.is_timed) as timed:
        item.stash.setdefault(LEFT, Left()).timed = timed
        yield timed
        _end(item, attempt.grading)


def _end(item: pytest.Item, grading: Grading) -> None:
    """End a check's worker and keep what it said; raises StudentFault for what nobody asked for."""
    left = item.stash.setdefault(LEFT, Left())
    left.has_answered = grading.has_answered
    left.printed = grading.finish()


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> Rng:
    """Give a check its random inputs, seeded by the run's seed and the text of its own file."""
    from grader.judge.rng import Rng, check_seed  # noqa: PLC0415  see the module's docstring

    item = request.node
    return Rng(check_seed(_attempt(item).seed, item.name, key_of(item.path)))


@pytest.fixture
def device(request: pytest.FixtureRequest) -> str:
    """Name the device that the submission's tensors are on."""
    return _attempt(request.node).device


@pytest.fixture
def other_device(request: pytest.FixtureRequest) -> str:
    """Name a second device: CUDA where there is one, otherwise "meta", which holds no values."""
    import torch  # noqa: PLC0415  see the module's docstring

    is_free = _attempt(request.node).device == "cpu" and torch.cuda.is_available()
    return "cuda" if is_free else "meta"


def key_of(path: Path) -> bytes:
    """The secret of a check file: who does not have its text cannot work out its inputs."""
    import hashlib  # noqa: PLC0415  see the module's docstring

    return hashlib.blake2b(path.read_bytes(), digest_size=32).digest()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Of a timed task: what goes wrong in a run of the reference is no student's fault."""
    timed = item.stash.setdefault(LEFT, Left()).timed
    if timed is None:
        return (yield)
    from grader.judge.outcomes import JudgeFault  # noqa: PLC0415  see the module's docstring

    try:
        result = yield
    except Exception as error:
        if timed.runs_reference:
            raise JudgeFault("the reference fails its own timed task") from error
        raise
    if not timed.is_over:
        raise JudgeFault("a timed check has to go through all of its runs")
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under plain pytest say what a student would read, instead of our traceback."""
    report = yield
    is_plain = ATTEMPT not in item.config.stash
    if call.excinfo is not None and is_plain and item.path.name in CHECK_FILES:
        text = _explained(item, call.excinfo.value)
        if text and item.config.option.tbstyle != "long":
            report.longrepr = text
    return report


def _explained(item: pytest.Item, error: BaseException) -> str | None:
    from grader.judge.failures import CheckFailed  # noqa: PLC0415  see the module's docstring
    from grader.judge.outcomes import StudentFault  # noqa: PLC0415
    from grader.reports import explain  # noqa: PLC0415

    if not isinstance(error, CheckFailed | StudentFault):
        return None
    info = getattr(getattr(item, "obj", None), "grade_check", None)
    lines = [info.sentence.en] if info else []
    lines += [f"  {explain(cause, 'en')}" for cause in error.causes]
    if info and info.hint:
        lines.append(f"  Hint: {info.hint.en}")
    return "\n".join(lines)


def _attempt(item: pytest.Item) -> Attempt:
    return item.config.stash.get(ATTEMPT, None) or item.config.stash[_PLAIN].attempt(item.path)


class _PlainAttempts:
    """The attempts of a plain pytest session: one per exercise."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._resources = contextlib.ExitStack()
        self._attempts: dict[Path, Attempt] = {}
        seed = config.getoption("--grade-seed")
        self.seed: int = secrets.randbits(62) if seed is None else seed

    def attempt(self, check_file: Path) -> Attempt:
        """The attempt for the exercise of a check file, made at its first check."""
        folder = check_file.parent
        if folder not in self._attempts:
            self._attempts[folder] = self._make(folder)
        return self._attempts[folder]

    def close(self) -> None:
        """End all workers and the zygote."""
        self._resources.close()

    def _make(self, folder: Path) -> Attempt:
        from grader.course import find_course, load_exercise  # noqa: PLC0415  see the module
        from grader.judge.grading import Grading  # noqa: PLC0415
        from grader.judge.setup import open_launcher  # noqa: PLC0415
        from grader.submission import read_submission  # noqa: PLC0415

        exercise = load_exercise(find_course(folder).resolve(folder.name))
        named = self._config.getoption("--submission")
        path = Path(named) if named else folder / exercise.entry
        handed_in = read_submission(exercise.handed_in(path), exercise.entry)
        launcher = self._resources.enter_context(open_launcher(exercise))
        grading = Grading(
            launcher,
            exercise.limits,
            handed_in.files,
            handed_in.entry,
            device="cpu",
            seed=self.seed,
        )
        self._resources.callback(grading.close)
        return Attempt(grading, seed=self.seed, device="cpu")

    def __len__(self) -> int:
        return len(self._attempts)


_PLAIN: pytest.StashKey[_PlainAttempts] = pytest.StashKey()
