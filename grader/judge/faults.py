"""Naming a fault of the grader's own in a sentence, for people; the details are for the log."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from grader.errors import GraderFault
from grader.text import Text

_LONGEST_REASON = 300
_PROCESSES = (
    Text("The grader's process that runs the checks", "评分程序中运行检查的进程"),
    Text("The grader's process that starts workers", "评分程序中启动工作进程的进程"),
)
_NO_SPACE = ("No space left on device", "No usable temporary directory")
_RUN_AGAIN = Text(
    "This is not your fault and costs no points. Run it again; `grade doctor` shows what may be"
    " missing.",
    "这不是你的问题，也不会扣分。请再运行一次；`grade doctor` 会显示可能缺少什么。",
)
_FREE_MEMORY = Text(
    "This is not your fault and costs no points. The machine may have run out of memory: close"
    " other programs and run it again.",
    "这不是你的问题，也不会扣分。可能是内存不足：请关闭其他程序，再运行一次。",
)
_FREE_SPACE = Text(
    "This is not your fault and costs no points. Free some space and run it again.",
    "这不是你的问题，也不会扣分。请腾出一些空间，再运行一次。",
)
_INSTALL_AGAIN = Text(
    "This is not your fault and costs no points. Install it again into this environment:"
    " pip install --force-reinstall torch torchvision",
    "这不是你的问题，也不会扣分。请在当前环境中重新安装："
    "pip install --force-reinstall torch torchvision",
)


class OwnFault(GraderFault):
    """A fault that may be gone at the next try."""


class JudgeError(Exception):
    """What the judge process said of its own failure; for the log."""


def named(kind: str, text: str, details: str, statuses: Sequence[int | None]) -> OwnFault:
    """Name a fault: an exception of the judge and its text, "" if the judge could not say any.

    `statuses` tells how the judge and the zygote ended, None for one that did not.
    """
    from grader.reports.visible import one_line  # noqa: PLC0415 - only after a fault

    fault = OwnFault(*_words(kind, one_line(text, _LONGEST_REASON).rstrip(": "), statuses))
    fault.__cause__ = JudgeError(f"judge, zygote: status {[*statuses]}\n{details}")
    return fault


def _words(kind: str, why: str, statuses: Sequence[int | None]) -> tuple[Text, Text]:
    """Return what happened, and what to do now."""
    if kind == "ImportError":
        what = Text(
            f"torch, or what it needs, cannot be imported: {why}",
            f"torch 或它所依赖的模块无法导入：{why}",
        )
        return what, _INSTALL_AGAIN
    ended = [pair for pair in zip(_PROCESSES, statuses, strict=False) if pair[1]]
    if ended:
        return _ended(*ended[0])
    if kind == "ZygoteFault":
        return _sentence(_PROCESSES[1], "does not answer.", "没有响应。")
    if any(words in why for words in _NO_SPACE):
        return Text("The disk is full.", "磁盘已满。"), _FREE_SPACE
    if kind in {"JudgeFault", "OSError"}:
        return _sentence(Text("The grader itself failed:", "评分程序自身出错了："), why, why)
    return Text("Sorry, the grader itself failed.", "抱歉，评分程序自身出错了。"), _RUN_AGAIN


def _ended(name: Text, status: int | None) -> tuple[Text, Text]:
    if status == -signal.SIGKILL:
        return Text(f"{name.en} was killed.", f"{name.zh}被强制终止了。"), _FREE_MEMORY
    return _sentence(name, f"ended with status {status}.", f"意外退出（状态 {status}）。")


def _sentence(start: Text, en: str, zh: str) -> tuple[Text, Text]:
    return Text(f"{start.en} {en}", start.zh + zh), _RUN_AGAIN
