"""One worker as the judge sees it: a request goes out, one well-formed answer comes back in time.

Everything else ends the worker and becomes a verdict: late (timed_out), gone (crashed,
out_of_memory), malformed or surplus (protocol_violation), an exception (crashed).
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from grader.course import Limits
from grader.judge.frames import quoted
from grader.judge.outcomes import JudgeFault, StudentFault, StudentRaised
from grader.judge.results import Cause
from grader.judge.sandboxes import Ending, RunningWorker, seconds_from_now
from grader.judge.verdicts import Verdict
from grader.sandbox.witness import PROMISES
from grader.wire import messages as m
from grader.wire.channel import ChannelClosedError, DeadlineError, FrameError
from grader.wire.errors import UnsendableError, WireError

READY_SECONDS = 30.0
"""For a fork and its confinement, on a loaded machine; spawned workers import torch in it."""


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, by the judge's clock."""

    seconds: float
    """From the last byte sent to the last byte received."""
    sent: int
    """Bytes."""
    received: int


class NotWitnessedError(JudgeFault):
    """A worker is not confined as its tier promises."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"a worker did not see denied: {', '.join(missing)}")
        self.missing = missing


class Worker:
    """Asks one running worker; ends it at the first thing that is not right."""

    def __init__(self, running: RunningWorker, limits: Limits, tier: str) -> None:
        self._running = running
        self._channel = running.channel
        self.limits = limits
        self._tier = tier
        self._witnessed: list[str] | None = None
        self._is_loaded = False
        self._files: Mapping[str, bytes] = {}
        self._number = m.READY_ID
        self._deadline = seconds_from_now(READY_SECONDS)
        self._allowed = READY_SECONDS
        self._check_deadline = self._deadline
        self._is_ended = False
        self._ending = Ending(0, is_out_of_memory=False)
        self.has_answered = False
        """Whether a value has come back from the submission."""
        self.last = Exchange(0.0, 0, 0)
        """The last that was answered."""
        self._sent = 0

    def wait_until_ready(self) -> list[str]:
        """Return what the worker has witnessed, before it read a byte of the submission.

        Raises JudgeFault if that is less than its tier promises.
        """
        if self._witnessed is not None:
            return self._witnessed
        try:
            number, reply = m.decode_reply(self._channel.receive(self._deadline))
        except (ChannelClosedError, DeadlineError, FrameError, WireError) as error:
            said = self.end().decode("utf-8", "replace")
            raise JudgeFault(f"a worker did not start ({error!r}): {said[-1000:]}") from error
        if number != m.READY_ID or not isinstance(reply, m.Ready) or reply.tier != self._tier:
            self.end()
            raise JudgeFault("a worker did not announce itself")
        missing = sorted(set(PROMISES[self._tier]) - set(reply.witnessed))
        if missing:
            self.end()
            raise NotWitnessedError(missing)
        self._witnessed = reply.witnessed
        return self._witnessed

    def send_load(self, request: m.Load) -> None:
        """Hand over the submission; a worker that lacks a promise of its tier never reads it."""
        self._files = request.files
        self._set_deadline(READY_SECONDS)
        try:
            # The announcement may be here already, or come later.
            self._send(request, "import", may_have_spoken=True)
        except StudentFault as fault:
            # Until it has read the submission a worker runs our code alone.
            said = bytes(self._channel.output).decode("utf-8", "replace")
            raise JudgeFault(f"a worker did not start ({fault}): {said[-1000:]}") from fault

    def wait_until_loaded(self) -> None:
        """Wait for the end of the import; raises StudentFault with an import's cause."""
        if not self._is_loaded:
            self._is_loaded = True
            self.wait_until_ready()
            self._set_deadline(self.limits.check_seconds)
            self._receive(m.Load, "import")

    def start_clock(self, submission_deadline: float) -> None:
        """Let the time of the check run from now on, and not past the submission's."""
        self._set_deadline(self.limits.check_seconds)
        self._check_deadline = min(self._deadline, submission_deadline)

    def ask(self, request: m.Request) -> m.Returned | m.Yielded:
        """Send one request and return its answer; any other outcome is raised as a verdict."""
        if self._is_ended:
            raise JudgeFault("a check went on after its worker had ended")
        self._set_deadline(self.limits.request_seconds)
        if self._check_deadline < self._deadline:
            self._deadline, self._allowed = self._check_deadline, self.limits.check_seconds
        self._send(request, "call")
        answer = self._receive(type(request), "call")
        self.has_answered = True
        return answer

    def finish(self) -> bytes:
        """End a worker whose check is over; bytes that nobody asked for are a violation."""
        if not self._is_ended:
            try:
                self._channel.refuse_surplus()
            except FrameError:
                self._violate()
            except ChannelClosedError:
                pass  # it died after its last answer, and nobody needs it any more
            self._is_ended = True
            self._running.release()
        return bytes(self._channel.output)

    def end(self) -> bytes:
        """End the worker whatever its state; return what it had printed."""
        if not self._is_ended:
            self._is_ended = True
            self._ending = self._running.end()
        return bytes(self._channel.output)

    @property
    def is_ended(self) -> bool:
        """Whether nothing more can be asked."""
        return self._is_ended

    def pause(self) -> None:
        """Stop its processes where they are."""
        self._running.pause()

    def resume(self) -> None:
        """Let them go on."""
        self._running.resume()

    def peak_memory(self) -> int | None:
        """The most memory that they have used, in bytes, where that is known."""
        return self._running.peak_memory()

    def _set_deadline(self, seconds: float) -> None:
        self._allowed = seconds
        self._deadline = seconds_from_now(seconds)

    def _send(self, request: m.Request, phase: str, *, may_have_spoken: bool = False) -> None:
        self._number += 1
        try:
            frame = m.encode_message(request, self._number)
        except (UnsendableError, WireError) as error:
            raise JudgeFault(f"the check sends what the wire does not carry: {error}") from error
        with self._watching(phase):
            if not may_have_spoken:
                self._channel.refuse_surplus()
            self._channel.send(frame, self._deadline)
        self._sent = len(frame)

    def _receive(self, asked: type[m.Request], phase: str) -> m.Returned | m.Yielded:
        started = time.perf_counter()
        with self._watching(phase):
            data = self._channel.receive(self._deadline)
            self.last = Exchange(time.perf_counter() - started, self._sent, len(data))
            number, reply = m.decode_reply(data)
        if number == self._number and isinstance(reply, m.ANSWERS[asked]):
            match reply:
                case m.Returned() | m.Yielded():
                    return reply
                case m.Raised():
                    raise StudentRaised(reply, quoted(reply.frames, self._files))
                case m.Missing():
                    near = ", ".join(reply.near)
                    cause = Cause("missing_name", {"name": reply.name, "near": near})
                    raise StudentFault(Verdict.FAILED, cause)
                case m.Unsendable():
                    raise StudentFault(Verdict.FAILED, Cause("unsendable", {"type": reply.type}))
        return self._violate()

    @contextlib.contextmanager
    def _watching(self, phase: str) -> Iterator[None]:
        """Turn whatever happens to the channel into a verdict, with the worker ended."""
        try:
            yield
        except DeadlineError:
            self.end()
            kind = "import_timed_out" if phase == "import" else "timed_out"
            cause = Cause(kind, {"seconds": self._allowed, "phase": phase})
            raise StudentFault(Verdict.TIMED_OUT, cause) from None
        except ChannelClosedError:
            self.end()
            raise self._died(phase) from None
        except (FrameError, WireError):
            self._violate()

    def _violate(self) -> NoReturn:
        self.end()
        raise StudentFault(Verdict.PROTOCOL_VIOLATION, Cause("protocol")) from None

    def _died(self, phase: str) -> StudentFault:
        prefix = "import_" if phase == "import" else ""
        if self._ending.is_out_of_memory:
            data = {"megabytes": int(self.limits.memory_mb)}
            return StudentFault(Verdict.OUT_OF_MEMORY, Cause(prefix + "out_of_memory", data))
        status = self._ending.status
        if status < 0:
            cause = Cause(prefix + "killed", {"signal": _signal_name(-status)})
        else:
            cause = Cause(prefix + "exited", {"status": status})
        return StudentFault(Verdict.CRASHED, cause)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
