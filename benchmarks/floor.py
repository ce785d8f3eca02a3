"""The floor: the same checks in plain pytest, the submission imported into the same process.

What no grader can beat that runs these checks in pytest, and what none should do: a submission
that is called in the process that decides can decide for itself.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import io
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch

from benchmarks.course import EXERCISE, REFERENCE, ROOT, SEED
from benchmarks.programs import serve
from grader.course import find_course, load_exercise
from grader.judge import checking
from grader.judge.outcomes import StudentRaised
from grader.judge.plugin import key_of
from grader.judge.probes import Probe
from grader.judge.rng import Rng, check_seed
from grader.wire.messages import Raised
from grader.worker import probes


class InProcess:
    """The submission as a check sees it, with no process and no wire between."""

    def __init__(self, module: ModuleType, device: str) -> None:
        self._module = module
        self._device = device

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return functools.partial(self._call, getattr(self._module, name))

    def run(self, probe: Probe, *args: Any, **kwargs: Any) -> Any:
        """Run a probe beside the submission."""
        return self._call(functools.partial(_function(probe), self._module), *args, **kwargs)

    def on(self, device: str) -> InProcess:
        """The same submission with its arguments placed on another device."""
        return InProcess(self._module, device)

    def _call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        placed = [x.to(self._device) if isinstance(x, torch.Tensor) else x for x in args]
        try:
            return function(*placed, **kwargs)
        except Exception as error:
            bases = [cls.__name__ for cls in type(error).__mro__]
            raised = Raised(bases[0], bases, str(error), [], "call")
            raise StudentRaised(raised) from error


class Fixtures:
    """The fixtures of a check file, for a submission in this process."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self.passed = 0

    @pytest.fixture
    def submission(self) -> InProcess:
        """Give a check the submission."""
        return InProcess(self._module, "cpu")

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> Rng:
        """Give a check the random inputs that it has in the judge."""
        return Rng(check_seed(SEED, request.node.name, key_of(request.node.path)))

    @pytest.fixture
    def device(self) -> str:
        """Name the device of the submission."""
        return "cpu"

    @pytest.fixture
    def other_device(self) -> str:
        """Name a second device."""
        return "meta"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the checks that passed."""
        self.passed += report.when == "call" and report.passed


def main() -> None:
    """Serve `run`: all checks once."""
    torch.set_num_threads(1)  # as a worker does; more only makes these small checks slower
    exercise = load_exercise(find_course(ROOT).resolve(EXERCISE))
    for name in exercise.preload:
        importlib.import_module(name)
    module = _import(REFERENCE.stem)
    files = [exercise.public_checks, *([exercise.hidden_checks] if exercise.hidden_checks else [])]
    arguments = [*checking.pytest_arguments(exercise), *map(str, files)]

    def run() -> dict[str, Any]:
        fixtures, said = Fixtures(module), io.StringIO()
        started = time.monotonic()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = pytest.main(arguments, plugins=[fixtures])
        seconds = time.monotonic() - started
        if code != pytest.ExitCode.OK:
            raise RuntimeError(said.getvalue())
        return {"seconds": seconds, "passed": fixtures.passed}

    serve({"run": run})


def _import(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, REFERENCE)
    if spec is None or spec.loader is None:
        raise ImportError(str(REFERENCE))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _function(probe: Probe) -> Callable[..., Any]:
    if probe.source is None:
        standard: Callable[..., Any] = getattr(probes, probe.name)
        return standard
    function: Callable[..., Any] = _namespace(probe.source, probe.file)[probe.name]
    return function


@functools.cache
def _namespace(source: str, file: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "probes"}
    exec(compile(source, file, "exec"), namespace)  # noqa: S102  the course's own
    return namespace


if __name__ == "__main__":
    main()
