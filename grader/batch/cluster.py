"""Grading on the workers of a Dask cluster: each submission travels, and the store stays here.

One task is one submission: a text goes there, a text comes back (`parcel`), and each check is told
as an event the moment it is judged. The store is asked, and told, where the run is.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Self

import dask
from distributed import CancelledError, Client, Future, KilledWorker
from distributed.client import ClosedClientError

from grader import __version__
from grader.batch.address import Surroundings
from grader.batch.executor import CannotGoOn
from grader.batch.parcel import pack
from grader.batch.workplace import TOPIC, Workplace, grade_parcel, offer, version
from grader.course import Exercise
from grader.errors import GraderFault, UserError, from_data
from grader.judge.attempt import Options, Stopped, with_cells
from grader.judge.devices import choose_device
from grader.judge.faults import JudgeError
from grader.judge.results import SubmissionResult
from grader.reports import load_json
from grader.submission import Submission
from grader.text import Text

_CONNECT_SECONDS = 15
_LOOK_SECONDS = 10.0
"""How often it is looked whether there are workers at all, while a result is awaited."""
_ALONE_SECONDS = 300.0
"""How long a cluster may be without any: a queue of jobs takes its time to replace them."""
_GOES_ON = Text(
    "What was reported so far is kept; the same command goes on.",
    "已报告的结果都已保存；再次运行同一条命令即可继续。",
)
_Message = str | Future[str] | None
"""A check as JSON; the task, when it has ended; or None: it is to be stopped."""


class Cluster:
    """The workers of a Dask scheduler, as an executor."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._here: dict[str, str] = {}
        """What every worker has to offer."""
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
            raise self._unreachable(error) from error
        self._client.subscribe_topic(TOPIC, self._hear)
        return self

    def __exit__(self, *error: object) -> None:
        """Leave it; what still runs there is stopped."""
        self._client.close()

    def examine(self, device: str) -> Surroundings:
        """Look at every worker; UserError unless all of them have the same to offer."""
        if not self._client.nthreads():
            raise UserError(
                Text(
                    f"The cluster at {self._address} has no workers.",
                    f"集群 {self._address} 没有工作节点。",
                ),
                Text("Start some, then run it again.", "请先启动工作节点，再运行一次。"),
            )
        versions = self._client.run(version, on_error="return")
        if any(each != __version__ for each in versions.values()):
            raise _other_versions(versions)
        self._client.register_plugin(Workplace())
        offers = [json.loads(each) for each in self._client.run(offer).values()]
        for each in offers:
            each["device"] = choose_device(device, each.pop("devices"))
        kinds: defaultdict[str, list[str]] = defaultdict(list)
        for each in offers:
            kinds[_shown(each)].append(each.pop("worker"))
        if len(kinds) > 1:
            raise _not_alike(kinds)
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
        parcel = pack(self._here, exercise, submission, options)
        try:
            task = self._client.submit(grade_parcel, parcel, key=key, pure=False)
        except (ClosedClientError, OSError) as error:
            raise self._lost() from error
        task.add_done_callback(news.put)
        return task, news

    def end(self, task: Future[str]) -> None:
        """Hear of a task no more; if it is not done, it is stopped."""
        self._news.pop(str(task.key), None)
        task.release()

    def answer(self, task: Future[str]) -> dict[str, Any]:
        """What has become of a task that has ended."""
        if task.status == "error":
            raise self._fault(task.exception())
        while True:
            try:
                answer: dict[str, Any] = json.loads(task.result(timeout=_LOOK_SECONDS))
            except TimeoutError:  # its worker has died with it, and it is done anew
                self.require_workers()
            except (CancelledError, OSError) as error:
                raise self._lost() from error
            else:
                break
        if "differs" in answer:
            offered = answer["differs"]
            offered["device"] = "/".join(offered.pop("devices"))
            worker = offered.pop("worker")
            raise _other_worker(worker, _shown(offered), _shown(self._here))
        return answer

    def require_workers(self) -> None:
        """Raise CannotGoOn if there have been no workers for long."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked >= _LOOK_SECONDS:
                self._looked = now
                self._alone_since = None if self._has_workers() else self._alone_since or now
            if self._alone_since and now - self._alone_since > _ALONE_SECONDS:
                raise CannotGoOn(
                    Text(
                        f"The cluster at {self._address} has no workers any more.",
                        f"集群 {self._address} 已没有工作节点。",
                    ),
                    _GOES_ON,
                )

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.nthreads())
        except (CancelledError, OSError, ValueError) as error:
            raise self._lost() from error

    def _hear(self, event: tuple[float, tuple[str, str]]) -> None:
        """Hand on a check; callers of the same cluster hear of each other's as well."""
        _, (key, check) = event
        if news := self._news.get(key):
            news.put(check)

    def _fault(self, error: BaseException | None) -> GraderFault | CannotGoOn:
        if isinstance(error, KilledWorker):
            tries = error.allowed_failures + 1
            return GraderFault(
                Text(
                    f"Every worker that graded it has ended (tries: {tries}).",
                    f"批改它的工作节点每次都意外退出（已试 {tries} 次）。",
                )
            )
        return CannotGoOn(
            Text(
                f"A worker of the cluster cannot grade: {type(error).__name__}: {error}",
                f"集群中的一个工作节点无法评分：{type(error).__name__}：{error}",
            ),
            _GOES_ON,
        )

    def _lost(self) -> CannotGoOn:
        return CannotGoOn(
            Text(
                f"The connection to the scheduler {self._address} is lost.",
                f"与调度器 {self._address} 的连接已断开。",
            ),
            _GOES_ON,
        )

    def _unreachable(self, error: Exception) -> UserError:
        return UserError(
            Text(
                f"There is no Dask scheduler to be reached at {self._address}: {error}",
                f"无法连接 {self._address} 上的 Dask 调度器：{error}",
            ),
            Text(
                "Look at the address that the scheduler printed, such as tcp://10.0.0.5:8786; "
                "for tls:// set the certificates in Dask's configuration.",
                "请核对调度器启动时显示的地址，例如 tcp://10.0.0.5:8786；"
                "使用 tls:// 时请在 Dask 配置中设置证书。",
            ),
        )


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
        on_check: Callable[[str], None],
    ) -> SubmissionResult:
        """Have one submission graded, wherever there is room."""
        task, self._news = self._cluster.begin(exercise, submission, options)
        try:
            heard = self._follow(self._news, on_check)
            answer = self._cluster.answer(task)
        finally:
            self._cluster.end(task)
        for check in answer["checks"]:
            if check not in heard:  # an event that came late or never
                on_check(check)
        if "error" in answer:
            raise from_data(answer["error"]) from JudgeError(answer["details"])
        return with_cells(load_json(answer["result"]), submission)

    def stop(self) -> None:
        """Wait no more for what is being graded."""
        self._is_stopped = True
        if self._news:
            self._news.put(None)

    def _follow(self, news: SimpleQueue[_Message], on_check: Callable[[str], None]) -> set[str]:
        """Hear of every check until the task has ended; return what was heard."""
        heard: set[str] = set()
        while not self._is_stopped:
            try:
                message = news.get(timeout=_LOOK_SECONDS)
            except Empty:
                self._cluster.require_workers()
                continue
            if not isinstance(message, str):
                break
            heard.add(message)
            on_check(message)
        if self._is_stopped:
            raise Stopped
        return heard


def _shown(offered: Mapping[str, str]) -> str:
    return (
        f"grade {offered['grade']}, Python {offered['python']}, torch {offered['torch']}, "
        f"tier {offered['tier']}, {offered['device']}"
    )


def _named(workers: Sequence[str]) -> str:
    more = f" (+{len(workers) - 1})" if len(workers) > 1 else ""
    return workers[0] + more


_MAKE_ALIKE = Text(
    "Install the same versions on all of them, or leave out those that differ.",
    "请在所有节点上安装相同的版本，或去掉不同的节点。",
)


def _not_alike(kinds: Mapping[str, Sequence[str]]) -> UserError:
    """The workers of each kind, which should be one kind."""
    listed = "; ".join(f"{_named(workers)}: {kind}" for kind, workers in kinds.items())
    return UserError(
        Text(
            f"The workers of the cluster differ, so results would depend on chance. {listed}.",
            f"集群中的工作节点不一致，结果会取决于运气。{listed}。",
        ),
        _MAKE_ALIKE,
    )


def _other_worker(worker: str, offered: str, wanted: str) -> CannotGoOn:
    """One that has joined since the run began."""
    return CannotGoOn(
        Text(
            f"The worker {worker} has joined the cluster and differs from the others. "
            f"It has {offered}; they have {wanted}.",
            f"新加入集群的工作节点 {worker} 与其他节点不一致。"
            f"它是 {offered}，其他节点是 {wanted}。",
        ),
        _MAKE_ALIKE,
    )


def _other_versions(versions: Mapping[str, str | BaseException]) -> UserError:
    """Those that have another version of grade than this one, or none."""
    others: defaultdict[str, list[str]] = defaultdict(list)
    for worker, found in versions.items():
        if found != __version__:
            others[str(found)].append(worker)
    listed = "; ".join(f"{_named(workers)}: {found}" for found, workers in others.items())
    return UserError(
        Text(
            f"This is grade {__version__}, and workers of the cluster have another. {listed}.",
            f"本机的 grade 是 {__version__}，集群中有工作节点的版本不同。{listed}。",
        ),
        Text(
            f"Install grade {__version__} there, with the extra 'cluster'.",
            f"请在这些节点上安装 grade {__version__}（带 cluster 附加包）。",
        ),
    )
