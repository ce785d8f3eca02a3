"""Where workers come from: sandboxes of the zygote, or a spawned process where there is no fork.

Both verify, for every worker, that it has witnessed what its tier promises.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

from grader.course import Limits
from grader.judge.outcomes import JudgeFault
from grader.judge.results import Cause
from grader.judge.sandboxes import RefusedError, Room, Sandbox, Zygote
from grader.judge.workers import NotWitnessedError, Worker

TIERS = ("full", "lite", "none")
OVERLAPPING = 3
"""Sandboxes of a submission that is graded alone: one for the check under way, one in which the
submission is being imported for the next, one in which the last check's processes are killed."""


class Launcher(Protocol):
    """Starts workers of one tier."""

    tier: str
    notes: tuple[Cause, ...]
    """Why the tier is not a higher one, or what is weaker about it."""
    ahead: int
    """Workers that may be alive beside the one under way, before their check comes."""
    witnessed: list[str]
    """What workers have seen denied."""

    def open(self) -> None:
        """Settle the tier, before the first worker is started."""

    def start_worker(self, limits: Limits) -> Worker:
        """Start a worker; of those before only the last `ahead` may be alive."""

    def close(self) -> None:
        """End whatever is left."""


class SandboxLauncher:
    """Starts workers in sandboxes of the zygote, each in turn."""

    def __init__(
        self,
        zygote: Zygote,
        *,
        preload: Sequence[str],
        wish: str,
        room: Room,
        places: int = OVERLAPPING,
    ) -> None:
        self._zygote = zygote
        self._room = room
        self._preload = preload
        self._wish = wish
        self._places = places
        self.ahead = max(0, places - 2)
        self._turn = -1
        self._sandboxes: list[Sandbox] = []
        self._waiting: dict[int, Worker] = {}
        """Workers that were started before anybody asked, by the place of their sandbox."""
        self.witnessed: list[str] = []
        self.tier = ""
        self.notes: tuple[Cause, ...] = ()

    def open(self) -> None:
        """Have the libraries imported and settle the tier: the best that a worker witnesses."""
        if self.tier:
            return
        self._zygote.preload(self._preload)
        notes: list[Cause] = []
        tiers: tuple[str, ...] = TIERS
        if self._wish != "auto":
            tiers = TIERS[TIERS.index(self._wish) :]
        if tiers[0] != TIERS[0]:
            notes.append(Cause("asked", {"tier": self._wish}))
        for tier in tiers:
            if self._can_open(tier, notes):
                self.tier, self.notes = tier, tuple(notes)
                return
        raise JudgeFault("no worker can be started: " + "; ".join(map(str, notes)))

    def start_worker(self, limits: Limits) -> Worker:
        """Start a worker in the sandbox whose turn it is, opened anew if it has ended."""
        self.open()
        self._turn = (self._turn + 1) % len(self._sandboxes)
        if worker := self._waiting.pop(self._turn, None):
            worker.limits = limits
            return worker
        if not self._sandboxes[self._turn].is_usable():
            self._sandboxes[self._turn] = self._order(self.tier)
        return self._start(self._turn, limits)

    def prepare(self, count: int) -> None:
        """Have `count` workers wait, each in a sandbox of its own, while nobody else does."""
        self.open()
        self._sandboxes += [self._order(self.tier) for _ in range(len(self._sandboxes), count)]
        for place in range(count):
            if place not in self._waiting:
                self._waiting[place] = self._start(place, Limits())
        for worker in self._waiting.values():
            worker.wait_until_ready()

    def close(self) -> None:
        """End all sandboxes."""
        for worker in self._waiting.values():
            worker.end()
        self._waiting.clear()
        for sandbox in self._sandboxes:
            sandbox.close()

    def peak_memory(self) -> int:
        """The most memory that one of the sandboxes has used, in bytes."""
        return max(sandbox.peak_memory() for sandbox in self._sandboxes)

    def _can_open(self, tier: str, notes: list[Cause]) -> bool:
        """Open the first sandbox and have a worker in it witness the tier, or note why not.

        That worker is kept for the first check, and the other sandboxes are ordered meanwhile.
        """
        try:
            sandbox = self._zygote.open_sandbox(tier, self._room)
        except RefusedError as error:
            notes.append(_why_not(error))
            return False
        first = self._waiting[0] = Worker(sandbox.start_worker(), Limits(), tier)
        self._sandboxes = [sandbox, *(self._order(tier) for _ in range(self._places - 1))]
        try:
            self.witnessed = first.wait_until_ready()
        except NotWitnessedError as error:
            notes.append(Cause("not_witnessed", {"tier": tier, "what": ", ".join(error.missing)}))
            self.close()
            return False
        if not sandbox.is_accounted:
            notes.append(Cause("no_memory_cgroup"))
        if tier == "lite" and os.getuid() != 0:
            notes.append(Cause("shared_uid"))
        return True

    def _start(self, place: int, limits: Limits) -> Worker:
        return Worker(self._sandboxes[place].start_worker(), limits, self.tier)

    def _order(self, tier: str) -> Sandbox:
        return self._zygote.order_sandbox(tier, self._room)


def _why_not(error: RefusedError) -> Cause:
    kinds = {"landlock": "no_landlock", "seccomp": "no_seccomp"}
    kind = kinds.get(error.step, "no_user_namespaces")
    return Cause(kind, {"text": str(error)} if kind == "no_user_namespaces" else {})
