"""Grading on the workers of a Dask cluster: each submission travels, and the store stays here.

One task is one submission: a text goes there; events bring the checks that have been judged, and
then the answer (`parcel`). The store is asked, and told, where the run is.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Self

import dask
from distributed import CancelledError, Client, Future
from distributed.client import ClosedClientError

from grader import __version__
from grader.batch import cluster_refusals as refusals
from grader.batch.address import Surroundings
from grader.batch.parcel import pack, packed
from grader.batch.workplace import TOPIC, Workplace, grade_parcel, offer, version
from grader.course import Exercise
from grader.errors import from_data
from grader.judge.attempt import Options, Stopped, with_cells
from grader.judge.devices import choose_device
from grader.judge.faults import JudgeError
from grader.judge.results import SubmissionResult
from grader.reports import load_json
from grader.submission import Submission

_CONNECT_SECONDS = 15
_LOOK_SECONDS = 10.0
"""How often it is looked whether there are workers at all, while a result is awaited."""
_ALONE_SECONDS = 300.0
"""How long a cluster may be without any: a queue of jobs takes its time to replace them."""
_Message = str | Future[str] | None
"""An answer, or the beginning of one; the task, when it has ended; or None: it is to be stopped."""


class Cluster:
    """The workers of a Dask scheduler, as an executor."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._here: dict[str, str] = {}
        """What every worker has to offer."""
        self._packed: dict[str, dict[str, Any]] = {}
        """The exercises that have been sent, by their names."""
        self._news: dict[str, SimpleQueue[_Message]] = {}
        """By the keys of the tasks that are awaited."""
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self._alone_since: float | None = None
        """Since when no worker has been seen."""

    def __enter__(self) -> Self:
        """Reach the scheduler."""
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # one sentence of ours is enough
        # A submission may be large and is sent once: no reason for Dask to warn.
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"})
        try:
            self._client = Client(
                self._address, timeout=_CONNECT_SECONDS, set_as_default=False, name="grade"
            )
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise refusals.unreachable(self._address, error) from error
        self._client.subscribe_topic(TOPIC, self._hear)
        return self

    def __exit__(self, *error: object) -> None:
        """Leave it; what still runs there is stopped."""
        self._client.close()

    def examine(self, device: str) -> Surroundings:
        """Look at every worker; UserError unless all of them have the same to offer."""
        if not self._client.nthreads():
            raise refusals.no_workers(self._address)
        versions = self._client.run(version, on_error="return")
        if any(each != __version__ for each in versions.values()):
            raise refusals.other_versions(versions)
        self._client.register_plugin(Workplace())
        offers = [json.loads(each) for each in self._client.run(offer).values()]
        for each in offers:
            each["device"] = choose_device(device, each.pop("devices"))
        kinds: defaultdict[str, list[str]] = defaultdict(list)
        for each in offers:
            kinds[refusals.shown(each)].append(each.pop("worker"))
        if len(kinds) > 1:
            raise refusals.not_alike(kinds)
        self._here = offers[0]
        return Surroundings(
            **{name: self._here[name] for name in ("grade", "torch", "device", "tier")}
        )

    def benches(self, jobs: int | None) -> Sequence[Place]:
        """Places for so many gradings; None: as many as the workers have threads."""
        return [Place(self) for _ in range(jobs or sum(self._client.nthreads().values()))]

    def begin(
        self, exercise: Exercise, submission: Submission, options: Options
    ) -> tuple[Future[str], SimpleQueue[_Message]]:
        """Send one submission; give the task, and where is heard of it."""
        key = f"grade-{uuid.uuid4().hex}"
        news = self._news[key] = SimpleQueue()
        if exercise.name not in self._packed:
            self._packed[exercise.name] = packed(exercise)
        parcel = pack(self._here, self._packed[exercise.name], submission, options)
        try:
            task = self._client.submit(grade_parcel, parcel, key=key, pure=False)
        except (ClosedClientError, OSError) as error:
            raise refusals.lost(self._address) from error
        task.add_done_callback(news.put)
        return task, news

    def end(self, task: Future[str]) -> None:
        """Hear of a task no more; if it is not done, it is stopped."""
        self._news.pop(str(task.key), None)
        task.release()

    def fetch(self, task: Future[str]) -> str:
        """The answer of a task that has ended, unless the event that brought it was heard."""
        if task.status == "error":
            raise refusals.failed(task.exception())
        while True:
            try:
                return task.result(timeout=_LOOK_SECONDS)
            except TimeoutError:  # its worker has died with it, and it is done anew
                self.require_workers()
            except (CancelledError, OSError) as error:
                raise refusals.lost(self._address) from error

    def require_alike(self, answer: dict[str, Any]) -> None:
        """Raise CannotGoOn if the worker that answered is unlike those that were seen first."""
        if "differs" in answer:
            offered = answer["differs"]
            offered["device"] = "/".join(offered.pop("devices"))
            worker = offered.pop("worker")
            raise refusals.other_worker(worker, offered, self._here)

    def require_workers(self) -> None:
        """Raise CannotGoOn if there have been no workers for long."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked >= _LOOK_SECONDS:
                self._looked = now
                self._alone_since = None if self._has_workers() else self._alone_since or now
            if self._alone_since and now - self._alone_since > _ALONE_SECONDS:
                raise refusals.no_workers_any_more(self._address)

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.nthreads())
        except (CancelledError, OSError, ValueError) as error:
            raise refusals.lost(self._address) from error

    def _hear(self, event: tuple[float, tuple[str, str]]) -> None:
        """Hand on what a worker tells; callers of the same cluster hear each other's as well."""
        _, (key, answer) = event
        if news := self._news.get(key):
            news.put(answer)


class Place:
    """Room for one grading at a time on the cluster, as a bench."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._is_stopped = False
        self._news: SimpleQueue[_Message] | None = None

    def __enter__(self) -> Self:
        """Start nothing."""
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is left: workers keep benches of their own."""

    def grade(
        self,
        exercise: Exercise,
        submission: Submission,
        options: Options,
        on_checks: Callable[[Sequence[str]], None],
    ) -> SubmissionResult:
        """Have one submission graded, wherever there is room."""
        task, self._news = self._cluster.begin(exercise, submission, options)
        try:
            answer = self._follow(self._news, on_checks)
        finally:
            self._cluster.end(task)
        self._cluster.require_alike(answer)
        if "error" in answer:
            raise from_data(answer["error"]) from JudgeError(answer["details"])
        return with_cells(load_json(answer["result"]), submission)

    def stop(self) -> None:
        """Wait no more for what is being graded."""
        self._is_stopped = True
        if self._news:
            self._news.put(None)

    def _follow(
        self, news: SimpleQueue[_Message], on_checks: Callable[[Sequence[str]], None]
    ) -> dict[str, Any]:
        """Hear of every check, once, until the whole answer is there."""
        heard: set[str] = set()
        while not self._is_stopped:
            try:
                message = news.get(timeout=_LOOK_SECONDS)
            except Empty:
                self._cluster.require_workers()
                continue
            if message is None:
                continue
            text = message if isinstance(message, str) else self._cluster.fetch(message)
            answer: dict[str, Any] = json.loads(text)
            if new := [check for check in answer["checks"] if check not in heard]:
                heard.update(new)
                on_checks(new)
            if len(answer) > 1:
                return answer
        raise Stopped
