"""Where workers come from: sandboxes of the zygote, or a spawned process where there is no fork.

Both verify, for every worker, that it has witnessed what its tier promises.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from typing import Protocol

from grader.course import Limits
from grader.judge.outcomes import JudgeFault
from grader.judge.results import Cause
from grader.judge.sandboxes import (
    RefusedError,
    RunningWorker,
    Sandbox,
    Zygote,
)
from grader.judge.workers import NotWitnessedError, Worker

TIERS = ("full", "lite", "none")
AHEAD = 2
"""Workers that are started before their check comes."""
_SANDBOXES = AHEAD + 2
"""One for the check under way, AHEAD in which the submission is being imported for the next checks,
and one in which the processes of the last check are still being killed."""


class Launcher(Protocol):
    """Starts workers of one tier."""

    tier: str
    notes: tuple[Cause, ...]
    """Why the tier is not a higher one, or what is weaker about it."""
    witnessed: list[str]
    """What workers have seen denied."""

    def open(self) -> None:
        """Settle the tier, before the first worker is started."""

    def start_worker(self) -> RunningWorker:
        """Start a worker; of those before only the last AHEAD may still be alive."""

    def close(self) -> None:
        """End whatever is left."""


class SandboxLauncher:
    """Starts workers in sandboxes of the zygote, each in turn."""

    def __init__(
        self, zygote: Zygote, *, preload: Sequence[str], wish: str, megabytes: int, gpu: bool
    ) -> None:
        self._zygote = zygote
        self._preload = preload
        self._wish = wish
        self._megabytes = megabytes
        self._gpu = gpu
        self._turns = itertools.cycle(range(_SANDBOXES))
        self._sandboxes: dict[int, Sandbox] = {}
        self.witnessed: list[str] = []
        self.tier = ""
        self.notes: tuple[Cause, ...] = ()

    def open(self) -> None:
        """Have the libraries imported and open the first sandbox, which settles the tier."""
        self._zygote.preload(self._preload)
        self.tier, self.notes = self._highest_tier(self._wish)

    def start_worker(self) -> RunningWorker:
        """Start a worker in the sandbox whose turn it is, opened anew if it has ended."""
        if not self.tier:
            self.open()
        turn = next(self._turns)
        sandbox = self._sandboxes.get(turn)
        if sandbox is None or not sandbox.is_open:
            sandbox = self._sandboxes[turn] = self._open(self.tier)
        return sandbox.start_worker()

    def close(self) -> None:
        """End all sandboxes."""
        for sandbox in self._sandboxes.values():
            sandbox.close()

    def peak_memory(self) -> int:
        """The most memory that one of the sandboxes has used, in bytes."""
        return max(sandbox.peak_memory() for sandbox in self._sandboxes.values())

    def _open(self, tier: str) -> Sandbox:
        return self._zygote.open_sandbox(tier, self._megabytes, gpu=self._gpu)

    def _highest_tier(self, wish: str) -> tuple[str, tuple[Cause, ...]]:
        """The best tier, not above `wish`, that this machine lets us open and witness."""
        notes: list[Cause] = []
        if wish not in ("auto", "full"):
            notes.append(Cause("asked", {"tier": wish}))
        for tier in TIERS if wish == "auto" else TIERS[TIERS.index(wish) :]:
            try:
                sandbox = self._open(tier)
            except RefusedError as error:
                notes.append(_why_not(error))
                continue
            try:
                self.witnessed = _witnessed_in(sandbox, tier)
            except NotWitnessedError as error:
                sandbox.close()
                notes.append(
                    Cause("not_witnessed", {"tier": tier, "what": ", ".join(error.missing)})
                )
                continue
            self._sandboxes[_SANDBOXES - 1] = sandbox
            if not sandbox.is_accounted:
                notes.append(Cause("no_memory_cgroup"))
            if tier == "lite" and os.getuid() != 0:
                notes.append(Cause("shared_uid"))
            return tier, tuple(notes)
        raise JudgeFault("no worker can be started: " + "; ".join(map(str, notes)))


def _witnessed_in(sandbox: Sandbox, tier: str) -> list[str]:
    """What a worker in `sandbox` sees denied; raises NotWitnessedError if that is too little."""
    worker = Worker(sandbox.start_worker(), Limits(), tier)
    try:
        return worker.wait_until_ready()
    finally:
        worker.end()


def _why_not(error: RefusedError) -> Cause:
    kinds = {"landlock": "no_landlock", "seccomp": "no_seccomp"}
    kind = kinds.get(error.step, "no_user_namespaces")
    return Cause(kind, {"text": str(error)} if kind == "no_user_namespaces" else {})
