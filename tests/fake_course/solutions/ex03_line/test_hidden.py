"""The hidden checks of ex03_line.

HIDDEN_SENTINEL and the odd numbers below may reach no report: tests/invariants.py looks for them.
"""

from grader.checks import (
    assert_tensor,
    check,
    module_gradients,
    probe,
    state_dict_round_trip,
    train_then_predict,
)

INPUT = 48271.625
EXPECTED = 96543.25


@check(points=1, zh="梯度传到 weight 和 bias。")
def test_gradients(submission, rng):
    """Weight and bias receive their gradients."""
    x, hidden_sentinel_upstream = rng.randn(4), rng.randn(4)
    x[0], hidden_sentinel_upstream[0] = INPUT, EXPECTED
    got = submission.run(module_gradients, "Line", [], [x], upstream=hidden_sentinel_upstream)
    assert_tensor(got["parameters"]["weight"], (x * hidden_sentinel_upstream).sum().reshape(1))
    assert_tensor(got["parameters"]["bias"], hidden_sentinel_upstream.sum().reshape(1))


@check(points=1, zh="state_dict 保存后可以读回。")
def test_state(submission, rng):
    """What state_dict saves can be loaded again."""
    x = rng.randn(3)
    got = submission.run(state_dict_round_trip, "Line", [], [x])
    assert sorted(got["keys"]) == ["bias", "weight"]
    assert_tensor(got["after"], got["before"])


@check(points=2, zh="fit 学到的直线对没见过的点也成立。")
def test_fit(submission, rng):
    """The line that fit has learned holds for points that it has not seen."""
    weight, bias = rng.randn(1), rng.randn(1)
    x = rng.randn(32)
    unseen = rng.randn(16)
    training = submission.start(train_then_predict, "fit", [x, weight * x + bias])
    assert_tensor(training.send([unseen]), weight * unseen + bias, atol=1e-2)


@probe
def hidden_sentinel_probe(student, x, p):
    """Return two results of drop for the same input."""
    return [student.drop(x, p), student.drop(x, p)]


@check(points=1, zh="drop 每次随机置零约 p 的比例，并放大其余的值。")
def test_drop(submission, rng):
    """Drop zeroes about the share p at random, and scales what is left."""
    x = rng.randn(4000) + INPUT
    first, second = submission.run(hidden_sentinel_probe, x, 0.25)
    for got in (first, second):
        kept = got != 0
        assert_tensor(got[kept], x[kept] / 0.75)
        assert 0.7 < kept.float().mean().item() < 0.8
    assert not (first == second).all()
