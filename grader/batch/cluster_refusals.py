"""What is said where a cluster cannot grade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from distributed import KilledWorker

from grader import __version__
from grader.batch.executor import CannotGoOn
from grader.errors import GraderFault, UserError
from grader.text import Text

_GOES_ON = Text(
    "What was reported so far is kept; the same command goes on.",
    "已报告的结果都已保存；再次运行同一条命令即可继续。",
)


def unreachable(address: str, error: Exception) -> UserError:
    """Nobody answers as a scheduler."""
    return UserError(
        Text(
            f"There is no Dask scheduler to be reached at {address}: {error}",
            f"无法连接 {address} 上的 Dask 调度器：{error}",
        ),
        Text(
            "Look at the address that the scheduler printed, such as tcp://10.0.0.5:8786; "
            "for tls:// set the certificates in Dask's configuration.",
            "请核对调度器启动时显示的地址，例如 tcp://10.0.0.5:8786；"
            "使用 tls:// 时请在 Dask 配置中设置证书。",
        ),
    )


def no_workers(address: str) -> UserError:
    """Nothing can begin."""
    return UserError(
        Text(f"The cluster at {address} has no workers.", f"集群 {address} 没有工作节点。"),
        Text("Start some, then run it again.", "请先启动工作节点，再运行一次。"),
    )


def no_workers_any_more(address: str) -> CannotGoOn:
    """There have been some."""
    return CannotGoOn(
        Text(
            f"The cluster at {address} has no workers any more.", f"集群 {address} 已没有工作节点。"
        ),
        _GOES_ON,
    )


def lost(address: str) -> CannotGoOn:
    """The scheduler is gone."""
    return CannotGoOn(
        Text(
            f"The connection to the scheduler {address} is lost.",
            f"与调度器 {address} 的连接已断开。",
        ),
        _GOES_ON,
    )


def failed(error: BaseException | None) -> GraderFault | CannotGoOn:
    """A task that has ended without an answer."""
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


def shown(offered: Mapping[str, str]) -> str:
    """What a worker offers, in words."""
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


def not_alike(kinds: Mapping[str, Sequence[str]]) -> UserError:
    """The workers of each kind, which should be one kind."""
    listed = "; ".join(f"{_named(workers)}: {kind}" for kind, workers in kinds.items())
    return UserError(
        Text(
            f"The workers of the cluster differ, so results would depend on chance. {listed}.",
            f"集群中的工作节点不一致，结果会取决于运气。{listed}。",
        ),
        _MAKE_ALIKE,
    )


def other_worker(worker: str, offered: Mapping[str, str], wanted: Mapping[str, str]) -> CannotGoOn:
    """One that has joined since the run began."""
    return CannotGoOn(
        Text(
            f"The worker {worker} has joined the cluster and differs from the others. "
            f"It has {shown(offered)}; they have {shown(wanted)}.",
            f"新加入集群的工作节点 {worker} 与其他节点不一致。"
            f"它是 {shown(offered)}，其他节点是 {shown(wanted)}。",
        ),
        _MAKE_ALIKE,
    )


def other_versions(versions: Mapping[str, str | BaseException]) -> UserError:
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
