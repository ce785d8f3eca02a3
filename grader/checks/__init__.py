"""What a check file may import: the course's API for writing checks.

Docs: docs/writing-an-exercise.md.
"""

from grader.checks.check import CheckInfo, check, raises
from grader.checks.files import Event, read_events, read_picture
from grader.checks.standard import (
    describe,
    gradients,
    module_gradients,
    module_output,
    optimizer_steps,
    parameter_count,
    same_seed,
    state_dict,
    state_dict_round_trip,
    train_and_eval,
    train_then_predict,
)
from grader.judge.compare import assert_close, assert_equal, assert_tensor
from grader.judge.diagnosis import Mistake
from grader.judge.probes import probe

__all__ = [
    "CheckInfo",
    "Event",
    "Mistake",
    "assert_close",
    "assert_equal",
    "assert_tensor",
    "check",
    "describe",
    "gradients",
    "module_gradients",
    "module_output",
    "optimizer_steps",
    "parameter_count",
    "probe",
    "raises",
    "read_events",
    "read_picture",
    "same_seed",
    "state_dict",
    "state_dict_round_trip",
    "train_and_eval",
    "train_then_predict",
]
