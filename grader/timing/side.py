"""One side of a timed task: the worker of the submission, or that of the reference."""

from __future__ import annotations

import math

from grader.judge.outcomes import StudentFault
from grader.judge.workers import Exchange, Worker
from grader.wire import messages as m

_ECHOES = 5
_MOST = 1e12


class Side:
    """The worker of the submission or of the reference; stopped but while it is asked something."""

    def __init__(self, worker: Worker) -> None:
        """Take a worker that has imported its files, and stop it."""
        self.worker = worker
        self.requests: list[m.Request] = []
        """Those of the last run."""
        self.exchanges: list[Exchange] = []
        """By the clock, the same."""
        worker.pause()

    def begin(self) -> None:
        """Begin another run."""
        self.requests.clear()
        self.exchanges.clear()
        self.worker.start_clock(math.inf)

    def ask(self, request: m.Request) -> m.Returned | m.Yielded:
        """Have the worker go on, ask it, and stop it."""
        answer = self._ask(request)
        self.requests.append(request)
        self.exchanges.append(self.worker.last)
        return answer

    @property
    def seconds(self) -> float:
        """How long it has worked in the last run."""
        return sum(exchange.seconds for exchange in self.exchanges)

    def echo(self) -> float:
        """Return what the way there and back takes for the last run's bytes, without any work."""
        return sum(self._echo(exchange) for exchange in list(self.exchanges))

    def watched(self, what: str) -> dict[str, float]:
        """Repeat the last run with a profile of it; {} where that does not work.

        Of what the worker says only numbers of a known name are taken.
        """
        if self.worker.is_ended:
            return {}
        try:
            self.worker.start_clock(math.inf)
            for request in (m.Profile(what), *self.requests):
                self._ask(request)
            seen = self._ask(m.Profile("")).value
        except StudentFault:
            return {}
        told = seen if isinstance(seen, dict) else {}
        return {name: told[name] for name in m.PROFILES[what] if _is_plausible(told.get(name))}

    def _echo(self, exchange: Exchange) -> float:
        payload = bytes(exchange.sent), exchange.received
        times = []
        for _ in range(_ECHOES):
            self._ask(m.Run("echo", None, "", list(payload), {}, "cpu"))
            times.append(self.worker.last.seconds)
        return min(times)  # what disturbs it makes it longer, and a run would look too short

    def _ask(self, request: m.Request) -> m.Returned | m.Yielded:
        self.worker.resume()
        answer = self.worker.ask(request)
        self.worker.pause()
        return answer


def _is_plausible(number: object) -> bool:
    return isinstance(number, float) and 0 <= number <= _MOST
