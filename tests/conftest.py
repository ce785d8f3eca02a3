"""What tests share: one zygote per test process, because starting one costs an `import torch`.

With `-n` an idle test process takes over the tests of a busy one: some take half a minute. With
`-n auto` there are three for two processors: a test often waits for processes that it started.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

    from tests.bench import Bench  # imports torch, which many tests do without


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Say how many test processes `-n auto` starts."""
    return (os.cpu_count() or 1) * 3 // 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Distribute the tests as `--dist worksteal` does."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture(scope="session", name="bench")
def _bench() -> Iterator[Bench]:
    """Give a running zygote with sandboxes; skip where workers are not forked."""
    if sys.platform != "linux":
        pytest.skip("only Linux has a zygote")
    from tests.bench import open_bench

    with open_bench() as bench:
        yield bench
