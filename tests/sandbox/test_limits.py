"""The limit of processes where a uid is shared: what our own sandboxes run never raises it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from grader.sandbox.jail import SpareUid
from grader.sandbox.limits import PROCESSES, own_limit_of_processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads Linux's /proc")

_FORTY = "for _ in $(seq 39); do sleep 600 & done; echo here; wait"


@contextmanager
def forty_processes(uid: int) -> Iterator[int]:
    """Run so many processes, one of which has started the others; give its pid."""
    with subprocess.Popen(
        ["/bin/sh", "-c", _FORTY], stdout=subprocess.PIPE, user=uid, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"here\n"
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_what_a_zygote_runs_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a submission that fills its limit raises that of its next worker."""
    if os.getuid() != 0:
        pytest.skip("only root can run processes of a user whom nobody else is")
    spare = SpareUid.reserve()
    monkeypatch.setattr(os, "getuid", lambda: spare.uid)

    def limit(zygote: int) -> int:
        return own_limit_of_processes(has_own_namespace=False, has_own_uid=False, zygote=zygote)

    with spare.reservation, forty_processes(spare.uid) as zygote, forty_processes(spare.uid):
        assert limit(zygote) == PROCESSES + 40
        assert limit(os.getpid()) == PROCESSES
        assert limit(0) == PROCESSES + 80
