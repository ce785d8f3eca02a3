"""Running pytest inside the judge, so that nothing but the check files has a say in it."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import pytest

from grader.course import Exercise
from grader.errors import UserError
from grader.judge import plugin
from grader.judge.outcomes import JudgeFault
from grader.judge.recorder import Recorder
from grader.text import Text

_SETTINGS = Path(__file__).with_name("pytest.ini")
_UNUSED_PLUGINS = (
    "cacheprovider",
    "doctest",
    "faulthandler",
    "junitxml",
    "logging",
    "pastebin",
    "stepwise",
    "threadexception",
    "unittest",
    "unraisableexception",
)


def pytest_arguments(exercise: Exercise) -> list[str]:
    """The judge's own settings, root and plugins, whatever the environment says."""
    return [
        *("-c", str(_SETTINGS)),
        # Of the course: check files of the same name in two exercises are then two modules.
        *("--rootdir", str(exercise.course_root)),
        *("--noconftest", "-s"),
        *(f"-pno:{name}" for name in _UNUSED_PLUGINS),
    ]


def pytest_run(
    exercise: Exercise, arguments: list[str], recorder: object, attempt: plugin.Attempt
) -> tuple[int, str]:
    """Run pytest with our settings and `recorder` as a plugin: its exit code, and what it said."""

    class Bring:
        """Brings the attempt along, before the first fixture asks for it."""

        def pytest_configure(self, config: pytest.Config) -> None:
            config.stash[plugin.ATTEMPT] = attempt

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main(
            [*pytest_arguments(exercise), *arguments], plugins=[plugin, Bring(), recorder]
        )
    return code, said.getvalue()


def run_pytest(
    exercise: Exercise,
    files: list[Path],
    recorder: Recorder,
    attempt: plugin.Attempt,
    select: str | None,
) -> None:
    """Run the checks of `files` that `select` (-k) matches; `recorder` keeps what becomes of them.

    Raises GraderFault for a check file that cannot be loaded, UserError if nothing matches.
    """
    options = ["-k", select] if select else []
    _forget(files)
    code, said = pytest_run(exercise, [*options, *map(str, files)], recorder, attempt)
    recorder.require_loaded()
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise JudgeFault(f"pytest did not run: {said[-3000:]}")
    if code == pytest.ExitCode.NO_TESTS_COLLECTED or not recorder.results:
        raise UserError(
            Text(f"No check matches -k {select!r}.", f"没有检查项符合 -k {select!r}。"),
            Text(
                f"Leave out -k to see all checks of {exercise.name} by name (--verbose).",
                f"去掉 -k 并加上 --verbose，可以看到 {exercise.name} 全部检查项的名字。",
            ),
        )


def _forget(files: list[Path]) -> None:
    """Have pytest load these files anew: nothing that a check leaves in its module may stay."""
    paths = set(map(str, files))
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) in paths:
            del sys.modules[name]
