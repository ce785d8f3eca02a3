"""Which device a grading runs on."""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import UserError
from grader.text import Text


def choose_device(wish: str, here: Sequence[str]) -> str:
    """The device to grade on, of those that are here; UserError if it is none of them."""
    if wish == "auto":
        return here[-1]
    if wish not in here:
        known = ", ".join(here)
        raise UserError(
            Text(
                f"There is no {wish} device here; torch sees: {known}.",
                f"这台机器上没有 {wish} 设备，torch 能用的有：{known}。",
            ),
            Text(
                "Run it with --device cpu, or `grade doctor` to see what is missing.",
                "请用 --device cpu 运行，或用 `grade doctor` 查看缺少什么。",
            ),
        )
    return wish
