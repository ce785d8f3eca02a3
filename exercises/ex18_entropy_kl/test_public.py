"""Public checks of ex18_entropy_kl: the weather and the tables of the notes."""

import math

import torch

from grader.checks import Mistake, assert_close, assert_tensor, check, raises

P = torch.tensor([[0.9, 0.05, 0.05], [0.1, 0.7, 0.2]])
Q = torch.tensor([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]])
ROWS = torch.tensor([0.3701, 0.3405])
SWAPPED = (Q * (Q / P).log()).sum(1)


def swapped(value):
    """Return the mistake of exchanging the two distributions."""
    return Mistake(
        value,
        en="This is the divergence the other way round: it is not symmetric.",
        zh="这是把两个分布颠倒之后的散度：KL 散度不对称。",
    )


@check(
    points=1,
    zh="information：概率 0.125 有 3 比特，0.5 有 1 比特，必然的事 0 比特，不可能的事为 inf。",
    hint="-log2(p): each halving of the probability is one bit more.",
    hint_zh="-log2(p)：概率每减半一次，就多 1 比特。",
)
def test_information_of_the_weather(submission):
    """Information is 3 bits for 0.125, 1 bit for 0.5, none for 1 and inf for 0."""
    bits = submission.information(torch.tensor([0.125, 0.5, 1.0, 0.0]))
    assert_tensor(bits, torch.tensor([3.0, 1.0, 0.0, math.inf]))


@check(
    points=1,
    zh="天气 (.5, .25, .125, .125) 的熵是 1.75 比特，八种等可能的结果是 3 比特。",
    hint="Weigh each outcome's information with its probability; log(base) sets the unit.",
    hint_zh="用概率给每个结果的信息量加权求和；单位由 log(base) 决定。",
)
def test_entropy_of_the_weather(submission):
    """The weather (.5, .25, .125, .125) has 1.75 bits, eight equal outcomes have 3."""
    weather, equal = torch.tensor([0.5, 0.25, 0.125, 0.125]), torch.full((8,), 0.125)
    nats = Mistake(
        torch.tensor(1.75 * math.log(2)),
        en="This is the entropy in nats, with the natural logarithm. The default base is 2.",
        zh="这是用自然对数算出的熵，单位是 nat。base 默认是 2。",
    )
    assert_tensor(submission.entropy(weather), torch.tensor(1.75), mistakes=[nats])
    assert_tensor(submission.entropy(equal), torch.tensor(3.0))
    assert_tensor(submission.entropy(weather, math.e), torch.tensor(1.75 * math.log(2)))
    assert_tensor(submission.entropy(equal, base=8), torch.tensor(1.0))


@check(
    points=2,
    zh="one-hot 标签的交叉熵是正确类别概率的 -log；软标签 (.7, .3) 预测得分毫不差时是 .6109。",
    hint="Only what happens (P) weighs; Q stands in the logarithm. A perfect Q leaves H(P).",
    hint_zh="加权的是真实分布 P，对数里的是预测 Q。预测完全正确时，剩下的是 H(P)。",
)
def test_cross_entropy_of_labels(submission):
    """A one-hot label costs -log of the right probability, a perfect guess of (.7, .3) .6109."""
    for right, cost in [(1.0, 0.0), (0.9, 0.1054), (0.5, 0.6931), (0.1, 2.3026)]:
        wrong = (1 - right) / 2
        label, guess = torch.tensor([0.0, 1.0, 0.0]), torch.tensor([wrong, right, wrong])
        result = submission.cross_entropy_dist(label, guess)
        assert_tensor(result, torch.tensor(cost), rtol=0, atol=1e-4)
    soft = torch.tensor([0.7, 0.3])
    result = submission.cross_entropy_dist(soft, soft)
    assert_tensor(result, torch.tensor(0.6109), rtol=0, atol=1e-4)


@check(
    points=1,
    zh="对笔记中的两张表，kl_div 逐行给出 .3701 和 .3405；两个分布相同时为 0。",
    hint="Sum P * log(P / Q) along the last dimension: what happens stands in front.",
    hint_zh="沿最后一维对 P * log(P / Q) 求和：写在前面的是真实分布。",
)
def test_kl_div_of_the_tables(submission):
    """kl_div gives .3701 and .3405 for the rows of the notes, and 0 for equal rows."""
    rows = submission.kl_div(P, Q)
    assert_tensor(rows, ROWS, rtol=0, atol=1e-4, mistakes=[swapped(SWAPPED)])
    assert_tensor(submission.kl_div(Q, Q), torch.zeros(2))


@check(
    points=2,
    zh="对笔记中的两张表，kl_loss 的 batchmean 是 .3553，sum 是 .7106，mean 是 .1184。",
    hint="batchmean divides the sum by the number of rows, mean by the number of all elements.",
    hint_zh="batchmean 用总和除以行数，mean 用总和除以全部元素的个数。",
)
def test_kl_loss_of_the_tables(submission):
    """kl_loss of the tables of the notes is .3553 by batchmean, .7106 by sum and .1184 by mean."""
    for options, expected, divisor in [
        ([], 0.3553, 2),
        (["sum"], 0.7106, 1),
        (["mean"], 0.1184, 6),
    ]:
        loss = submission.kl_loss(Q.log(), P, *options)
        by_all = Mistake(
            (P * (P / Q).log()).mean(),
            en="This is the sum divided by the number of all losses.",
            zh="这是总和除以全部损失个数的结果。",
        )
        mistakes = [swapped(SWAPPED.sum() / divisor), by_all]
        assert_tensor(loss, torch.tensor(expected), rtol=0, atol=1e-4, mistakes=mistakes)
    single = submission.kl_loss(Q.log(), P, "none")
    assert_close(single.sum(1).tolist(), ROWS.tolist(), rtol=0, atol=1e-4)


@check(
    points=1,
    zh="把概率当作 log_q 传给 kl_loss，或者给出的数根本不是分布时，抛出 ValueError。",
    hint="A logarithm of a probability is never positive; a distribution has no negative number.",
    hint_zh="概率的对数不会是正数；分布里没有负数，各数之和为 1。",
)
def test_what_is_refused(submission):
    """Probabilities in the place of log_q, and numbers that are no distribution, are refused."""
    with raises(ValueError):
        submission.kl_loss(Q, P)
    with raises(ValueError):
        submission.entropy(torch.tensor([0.5, 0.6]))
    with raises(ValueError):
        submission.cross_entropy_dist(P, Q.log())
    with raises(ValueError):
        submission.information(torch.tensor([0.5, 1.5]))
