"""What a Dask worker does for a class run: unpack a grading, grade it on a warm bench, answer.

One workplace lives in each worker process, as a plugin. It has a bench for each thread that grades,
and in a private folder the exercises it has met, each version once. When it has had nothing to do
for a while, and when the worker ends, all of that goes. Grading stops at once when nobody waits for
it any more: the scheduler then releases the task.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import platform
import shutil
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from dask.typing import Key
from distributed import Reschedule, Worker, WorkerPlugin, get_worker

from grader import __version__
from grader.batch.parcel import Parcel, lay_out, unpack
from grader.course import Exercise
from grader.errors import GradeError, GraderFault
from grader.judge.attempt import Stopped
from grader.judge.bench import Bench
from grader.reports import to_json
from grader.text import Text

PLUGIN = "grade"
TOPIC = "grade"
"""Of the events by which callers hear how it goes: [key of the task, answer or beginning of it]."""
_TELL_SECONDS = 0.2
"""How often a caller hears of checks: each event costs the scheduler and the run half a ms."""
_IDLE_SECONDS = 60.0
_ALIKE = ("grade", "python", "torch", "tier")
"""What has to be the same on every worker, beside the device."""


def version() -> str:
    """The version of grade on a worker."""
    return __version__


async def offer(dask_worker: Worker) -> str:
    """What a worker offers, as JSON; its event loop goes on meanwhile."""
    return json.dumps(await asyncio.to_thread(_workplace(dask_worker).offer))


def grade_parcel(text: str) -> str:
    """Do one grading on a worker; the answer is as `parcel` says."""
    worker = get_worker()
    key = str(worker.get_current_task())

    def tell(news: str) -> None:
        worker.log_event(TOPIC, [key, news])

    answer = _workplace(worker).grade(key, text, tell)
    tell(answer)  # to fetch it would be another round trip
    return answer


class Workplace(WorkerPlugin):
    """Benches and exercises of one worker process."""

    name = PLUGIN
    idempotent = True  # the next caller finds what the last has warmed

    def setup(self, worker: Worker) -> None:
        """Make room on a worker that has just started, or that the first caller has found."""
        self._address = worker.address
        # Dask empties it when the worker ends, and after a crash when the next one starts.
        self._folder = Path(worker.local_directory)
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._offer: dict[str, Any] = {}
        self._exercises: dict[str, tuple[Exercise, Path]] = {}
        self._free: list[tuple[str, Bench]] = []
        self._busy: dict[str, Bench] = {}
        self._is_closed = False
        self._idle = threading.Timer(_IDLE_SECONDS, self._clear)

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's signature
        """End everything; what is being graded is given back and done elsewhere."""
        self._is_closed = True
        for bench in list(self._busy.values()):
            bench.stop()
        self._clear()

    def transition(self, key: Key, start: str, finish: str, **_kwargs: object) -> None:
        """Stop what is graded for nobody."""
        if start == "executing" and finish == "released" and (bench := self._busy.get(str(key))):
            bench.stop()

    def offer(self) -> dict[str, Any]:
        """What this worker is and has, found out once."""
        with self._looking:
            if not self._offer:
                with self._bench("examine", "") as bench:
                    here = bench.examine()
                self._offer = {
                    "worker": self._address,
                    "grade": __version__,
                    "python": platform.python_version(),
                    "torch": here.torch,
                    "tier": here.tier,
                    "devices": list(here.devices),
                }
            return self._offer

    def grade(self, key: str, text: str, tell: Callable[[str], None]) -> str:
        """Grade what a parcel holds, unless this worker differs from those it is meant for."""
        checks: list[str] = []
        told, told_at = 0, time.monotonic()

        def on_checks(new: Sequence[str]) -> None:
            nonlocal told, told_at
            checks.extend(new)
            if time.monotonic() - told_at >= _TELL_SECONDS:
                tell(json.dumps({"checks": checks[told:]}))
                told, told_at = len(checks), time.monotonic()

        try:
            parcel, offered = unpack(text), self.offer()
            if not _fits(offered, parcel.here):
                return json.dumps({"checks": [], "differs": offered})
            with self._bench(key, parcel.version) as bench:
                result = bench.grade(
                    self._exercise(parcel), parcel.submission, parcel.options, on_checks
                )
            return json.dumps({"checks": checks, "result": to_json(result)})
        except Stopped:
            # The worker ends; or nobody waits, and then Dask drops it.
            raise Reschedule from None
        except GradeError as error:
            return _failed(checks, error)
        except Exception as error:  # noqa: BLE001 - one submission's fault ends no run, and
            # Dask never tells of an error that it cannot pickle, such as a RecursionError.
            return _failed(checks, self._fault(error))

    def _exercise(self, parcel: Parcel) -> Exercise:
        with self._lock:
            if parcel.version not in self._exercises:
                # 0700: other users of the machine must not read hidden checks.
                folder = Path(tempfile.mkdtemp(prefix="grade-", dir=self._folder))
                self._exercises[parcel.version] = lay_out(parcel, folder), folder
            return self._exercises[parcel.version][0]

    @contextlib.contextmanager
    def _bench(self, key: str, version: str) -> Iterator[Bench]:
        """Take a bench, one that graded this exercise last if there is one."""
        with self._lock:
            self._idle.cancel()
            self._free.sort(key=lambda free: free[0] == version)
            bench = self._free.pop()[1] if self._free else Bench()
            self._busy[key] = bench
        is_usable = False
        try:
            yield bench
            is_usable = True
        except GradeError:
            is_usable = True  # it has new processes already
            raise
        finally:
            with self._lock:
                del self._busy[key]
                is_kept = is_usable and not self._is_closed
                if is_kept:
                    self._free.append((version, bench))
                if not self._busy and not self._is_closed:
                    self._idle = threading.Timer(_IDLE_SECONDS, self._clear)
                    self._idle.daemon = True
                    self._idle.start()
            if not is_kept:
                bench.__exit__()

    def _clear(self) -> None:
        """End the benches that wait, and remove the exercises unless one is in use."""
        with self._lock:
            self._idle.cancel()
            free, self._free = self._free, []
            exercises = {} if self._busy else self._exercises
            if exercises:
                self._exercises = {}
        for _, bench in free:
            bench.__exit__()
        for _, folder in exercises.values():
            shutil.rmtree(folder, ignore_errors=True)

    def _fault(self, error: Exception) -> GraderFault:
        what = f"{type(error).__name__}: {error}"
        fault = GraderFault(
            Text(
                f"The worker {self._address} failed: {what}",
                f"工作节点 {self._address} 出错了：{what}",
            )
        )
        fault.__cause__ = error
        return fault


def _workplace(worker: Worker) -> Workplace:
    return cast("Workplace", worker.plugins[PLUGIN])


def _fits(offered: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    is_alike = all(offered[name] == wanted[name] for name in _ALIKE)
    return is_alike and wanted["device"] in offered["devices"]


def _failed(checks: list[str], error: GradeError) -> str:
    details = "".join(traceback.format_exception(error))
    return json.dumps({"checks": checks, "error": error.as_data(), "details": details})
