"""Each fault of the grader's own has a sentence and a next step, in both languages."""

from __future__ import annotations

import signal

import pytest

from grader.judge.faults import named

_OK = (0, 0)
_FAULTS = {
    "judge killed": ("", "", (-signal.SIGKILL, 0), "runs the checks was killed.", "强制终止"),
    "zygote crashed": ("ZygoteFault", "x", (0, -11), "ended with status -11.", "状态 -11"),
    "zygote silent": ("ZygoteFault", "x", (0, None), "does not answer.", "没有响应"),
    "torch": ("ImportError", "no libtorch", (0, 1), "cannot be imported: no libtorch", "无法导入"),
    "disk": ("JudgeFault", "[Errno 28] No space left on device", _OK, "disk is full.", "磁盘已满"),
    "known": (
        "JudgeFault",
        "no worker:\n",
        _OK,
        "itself failed: no worker",
        "自身出错了：no worker",
    ),
    "unknown": ("KeyError", "secret", _OK, "Sorry, the grader itself failed.", "自身出错了。"),
}


@pytest.mark.parametrize(("kind", "text", "statuses", "en", "zh"), _FAULTS.values(), ids=_FAULTS)
def test_a_fault_is_named(
    kind: str, text: str, statuses: tuple[int | None, ...], en: str, zh: str
) -> None:
    """What the judge said and how the processes ended give one line; the rest is for the log."""
    fault = named(kind, text, "the details", statuses)
    assert fault.message.en.endswith(en)
    assert zh in fault.message.zh
    assert "\n" not in fault.message.en + fault.message.zh
    assert fault.next_step is not None
    assert "costs no points" in fault.next_step.en
    assert "不会扣分" in fault.next_step.zh
    assert "the details" in str(fault.__cause__)
