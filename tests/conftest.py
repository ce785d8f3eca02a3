"""What tests share: one zygote per test process, because starting one costs an `import torch`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bench import Bench  # imports torch, which many tests do without


@pytest.fixture(scope="session", name="bench")
def _bench() -> Iterator[Bench]:
    """Give a running zygote with sandboxes; skip where workers are not forked."""
    if sys.platform != "linux":
        pytest.skip("only Linux has a zygote")
    from tests.bench import open_bench

    with open_bench() as bench:
        yield bench
