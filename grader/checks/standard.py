"""The standard probes by name; what each does stands in grader/worker/probes.py."""

from grader.judge.probes import Probe


def _standard(name: str, *, is_generator: bool = False) -> Probe:
    return Probe(name, None, "probes.py", is_generator)


describe = _standard("describe")
gradients = _standard("gradients")
module_gradients = _standard("module_gradients")
module_output = _standard("module_output")
optimizer_steps = _standard("optimizer_steps")
parameter_count = _standard("parameter_count")
same_seed = _standard("same_seed")
state_dict = _standard("state_dict")
state_dict_round_trip = _standard("state_dict_round_trip")
train_and_eval = _standard("train_and_eval")
train_then_predict = _standard("train_then_predict", is_generator=True)
