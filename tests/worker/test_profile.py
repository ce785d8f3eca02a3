"""What a profile sees of what a submission does."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from grader.worker.profile import Operations, Times


def _operations(images: Tensor, *, singly: bool) -> dict[str, float]:
    net = nn.Linear(4, 2)
    watching = Operations()
    for batch in images if singly else [images]:
        net(batch).sum().backward()
    return watching.stop()


def test_operations_are_counted_by_what_they_explain() -> None:
    """A product for each sample, a number read out each time, rows taken one by one."""
    images = torch.ones(32, 4)
    together, singly = (_operations(images, singly=singly) for singly in (False, True))
    assert singly["multiplying"] >= 32 * together["multiplying"] / 2
    assert singly["all"] > 10 * together["all"]
    watching = Operations()
    for row in images:
        row.sum().item()
    assert watching.stop()["reading"] == 32


def test_a_graph_that_nobody_uses_is_seen() -> None:
    """Operations recorded after the last backward pass; under no_grad there are none."""
    net = nn.Linear(4, 4)
    images = torch.ones(3, 4)
    watching = Operations()
    net(images).sum().backward()
    for _ in range(30):
        net(images)
    assert watching.stop()["unused_graph"] >= 30
    watching = Operations()
    with torch.no_grad():
        for _ in range(30):
            net(images)
    assert watching.stop()["unused_graph"] == 0


def test_nothing_is_counted_any_more_after_the_end() -> None:
    """The next request is not slowed by what watched the last."""
    watching = Operations()
    before = watching.stop()
    torch.ones(2) + 1
    assert (before["all"], watching._counter.counts.total()) == (0, 0)


def test_times_are_told_by_the_parts_of_training() -> None:
    """Forward, backward and step take their time, and all of it is within the whole."""
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    watching = Times()
    for _ in range(5):
        loss = net(torch.ones(16, 64)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    seen = watching.stop()
    parts = [seen[part] for part in ("forward", "backward", "step")]
    assert min(parts) > 0
    assert sum(parts) <= seen["total"]
    assert seen["loading"] == 0


@pytest.mark.parametrize("watch", [Operations, Times])
def test_numbers_alone_are_told(watch: type[Operations | Times]) -> None:
    """What crosses the wire is a dict of names and floats."""
    seen = watch().stop()
    assert {type(value) for value in seen.values()} == {float}
