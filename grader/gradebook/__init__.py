"""The grade book: what stored results are worth under the course's rules."""

from grader.gradebook.policy import LatePolicy, Policy, read_policy, span_of
from grader.gradebook.score import Attempt, Decisions, Score, score

__all__ = [
    "Attempt",
    "Decisions",
    "LatePolicy",
    "Policy",
    "Score",
    "read_policy",
    "score",
    "span_of",
]
