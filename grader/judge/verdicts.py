"""The closed list of verdicts. Every part of the product uses these and no others."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    """The code ran and what came back is not right."""
    CRASHED = "crashed"
    """The code raised an exception or its process died before it answered."""
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    PROTOCOL_VIOLATION = "protocol_violation"
    """The worker sent something other than one well-formed answer to the question asked."""
    INCONCLUSIVE = "inconclusive"
    """A timing too noisy to call; retried, costs no points."""
    NOT_RUN = "not_run"
    """Never started: the submission cannot be imported, or its time was used up."""
    GRADER_ERROR = "grader_error"
    """The grader's own fault; retried, costs no points."""

    @property
    def is_excused(self) -> bool:
        """Whether this verdict is never the student's fault and so costs no points."""
        return self in (Verdict.INCONCLUSIVE, Verdict.GRADER_ERROR)
