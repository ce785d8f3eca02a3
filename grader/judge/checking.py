"""Running pytest inside the judge, so that nothing but the check files has a say in it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.config import _prepareconfig

from grader.course import Exercise
from grader.errors import GraderFault, UserError
from grader.judge import plugin
from grader.judge.outcomes import JudgeFault
from grader.judge.recorder import HIDDEN, Recorder, info_of
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


class Checks:
    """The checks of an exercise, collected once and run for one submission after another.

    To set up pytest and to collect takes longer than most checks. pytest.main can only do all of
    it at once, so this says the same in its own steps: what _pytest.main.wrap_session does.
    """

    def __init__(self, exercise: Exercise, files: Sequence[Path], select: str | None) -> None:
        """Collect the checks of `files` that `select` (-k) matches.

        Raises GraderFault for a check file that cannot be loaded, UserError if nothing matches.
        """
        _forget(files)
        arguments = [*pytest_arguments(exercise), *(["-k", select] if select else [])]
        problems = _Problems()
        with contextlib.ExitStack() as stack:
            # For as long as the checks are used: pytest keeps its standard output.
            said = stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                self._config = _prepareconfig([*arguments, *map(str, files)], [plugin, problems])
                stack.callback(self._config._ensure_unconfigure)  # noqa: SLF001  see the class
                self._items = self._collected()
            problems.require_none(self._items)
            self._require_any(exercise, select)
            self._stack = stack.pop_all()
        self._is_used = False

    def run(
        self, recorder: Recorder, attempt: plugin.Attempt, *, only: Sequence[str] | None = None
    ) -> None:
        """Run them all, or those of these functions; `recorder` keeps what becomes of each."""
        if self._is_used:
            self._renew()
        self._is_used = True
        self._config.stash[plugin.ATTEMPT] = attempt
        items = [item for item in self._items if only is None or _function_of(item) in only]
        recorder.begin(len(items))
        with self._registered(recorder):
            for item, following in zip(items, [*items, None][1:], strict=True):
                self._config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            # The last may have been left out, and then pytest waits for it, set up for its file.
            self._items[0].session._setupstate.teardown_exact(None)  # noqa: SLF001  as pytest does

    def close(self) -> None:
        """Let pytest put away what it has set up."""
        self._stack.close()

    def _collected(self) -> list[pytest.Item]:
        self._config._do_configure()  # noqa: SLF001  see the class
        session = pytest.Session.from_config(self._config)
        self._config.hook.pytest_sessionstart(session=session)
        try:
            self._config.hook.pytest_collection(session=session)
        except pytest.UsageError as error:
            raise JudgeFault(f"pytest did not run: {error}") from error
        return session.items

    def _require_any(self, exercise: Exercise, select: str | None) -> None:
        if not self._items:
            raise UserError(
                Text(f"No check matches -k {select!r}.", f"没有检查项符合 -k {select!r}。"),
                Text(
                    f"Leave out -k to see all checks of {exercise.name} by name (--verbose).",
                    f"去掉 -k 并加上 --verbose，可以看到 {exercise.name} 全部检查项的名字。",
                ),
            )

    def _renew(self) -> None:
        """Run the text of the check files again: nothing that a check leaves in them may stay."""
        for module in dict.fromkeys(map(_module_of, self._items)):
            if module.__spec__ and module.__spec__.loader:
                module.__spec__.loader.exec_module(module)

    @contextlib.contextmanager
    def _registered(self, recorder: Recorder) -> Iterator[None]:
        self._config.pluginmanager.register(recorder)
        try:
            yield
        finally:
            self._config.pluginmanager.unregister(recorder)


class _Problems:
    """A pytest plugin that keeps why check files cannot be loaded, or what is no check in them."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []
        """(file, why)"""

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Keep why a file could not be imported."""
        report = yield
        if report.failed:
            self._found.append((collector.path.name, report.longreprtext))
        return report

    def require_none(self, items: Sequence[pytest.Item]) -> None:
        """Raise GraderFault for the first."""
        for item in items:
            if info_of(item) is None:
                self._found.append((item.path.name, f"{item.nodeid} has no @check decorator"))
        for file, why in self._found:
            # Of a hidden check nothing is shown but the file's name; the log has it all.
            shown = f" {file}" if file == HIDDEN else f"\n{why}"
            raise GraderFault(
                Text(
                    f"A check file cannot be loaded:{shown}",
                    f"检查文件无法加载：{shown.lstrip(' ')}",
                ),
                Text(
                    "Restore the exercise's folder from the course, or tell your instructor.",
                    "请从课程中恢复这个练习的文件夹，或告诉你的老师。",
                ),
            ) from JudgeFault(why)


def _function_of(item: pytest.Item) -> str:
    """The name of its function, without parameters."""
    return item.name.partition("[")[0]


def _module_of(item: pytest.Item) -> ModuleType:
    node = item.getparent(pytest.Module)
    if node is None:
        raise JudgeFault(f"{item.nodeid} is in no check file")
    module: ModuleType = node.obj
    return module


def _forget(files: Sequence[Path]) -> None:
    """Have pytest load these files anew, though another has loaded them in this process."""
    paths = set(map(str, files))
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) in paths:
            del sys.modules[name]
