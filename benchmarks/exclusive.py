"""Where the time goes: a clock that always counts for exactly one activity.

The product holds no code for this: its functions are wrapped from outside, in a run of its own.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock


class ExclusiveClock:
    """Counts seconds for the innermost activity under way; the sum is the time that passed."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._activities: list[str] = []
        self._since = 0.0

    @contextlib.contextmanager
    def during(self, activity: str) -> Iterator[None]:
        """Count for `activity`, and for the one around it again afterwards."""
        self._switch()
        self._activities.append(activity)
        try:
            yield
        finally:
            self._switch()
            self._activities.pop()

    @contextlib.contextmanager
    def watching(self, functions: dict[tuple[Any, str], str]) -> Iterator[None]:
        """Count each call of (owner, name) for an activity while the block runs."""
        with contextlib.ExitStack() as stack:
            for (owner, name), activity in functions.items():
                wrapped = self._wrapped(getattr(owner, name), activity)
                stack.enter_context(mock.patch.object(owner, name, wrapped))
            yield

    def _wrapped(self, function: Callable[..., Any], activity: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.during(activity):
                return function(*args, **kwargs)

        return timed

    def _switch(self) -> None:
        now = time.monotonic()
        if self._activities:
            self.seconds[self._activities[-1]] += now - self._since
        self._since = now
