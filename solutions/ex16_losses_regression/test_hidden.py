"""Hidden checks of ex16_losses_regression: formulas of one number, slopes and edges."""

import math

import torch
from torch.nn import functional

from grader.checks import Mistake, assert_equal, assert_tensor, check, gradients, probe, raises

REDUCTIONS = ["none", "mean", "sum"]
LOSSES = ["l1", "mse", "smooth_l1", "poisson_nll"]


@probe
def slopes_through(student, name, x, y, options, upstream):
    """Return the gradients of x and y through a loss with these weights; None where none comes."""
    x, y = x.clone().requires_grad_(), y.clone().requires_grad_()
    loss = getattr(student, name)(x, y, **options)
    if loss.requires_grad:
        (loss * upstream).sum().backward()
    return x.grad, y.grad


@probe
def slope_of_rates(student, x, y, options, upstream):
    """Return the gradient of x alone through poisson_nll; the counts ask for none."""
    x = x.clone().requires_grad_()
    loss = student.poisson_nll(x, y, **options)
    if loss.requires_grad:
        (loss * upstream).sum().backward()
    return x.grad


@probe
def losses_of_views(student, name, x, y):
    """Return the losses of two tensors that are not contiguous."""
    return getattr(student, name)(x.transpose(0, 2), y.transpose(0, 2), "none")


@probe
def moved(student, name, x, y, steps, lr):
    """Return x after the steps, whether it asks for gradients, and x and y as they are then."""
    loss = {
        "l1": functional.l1_loss,
        "mse": functional.mse_loss,
        "log cosh": lambda x, y: (x - y).cosh().log().sum(),
    }[name]
    result = student.descend(loss, x, y, steps, lr)
    with torch.no_grad():
        after = result + 0
        result.add_(1)  # a result that is no new tensor gives itself away by this
    return after, result.requires_grad, x, y


def each(formula, *tensors):
    """Return a formula of plain numbers, worked out for every element in float64."""
    numbers = zip(*(tensor.flatten().tolist() for tensor in tensors), strict=True)
    values = torch.tensor([formula(*number) for number in numbers], dtype=torch.float64)
    return values.reshape(tensors[0].shape).to(tensors[0].dtype)


def reduced(losses, reduction):
    """Return the losses, their sum, or their mean, added up one by one."""
    if reduction == "none":
        return losses
    total = math.fsum(losses.flatten().tolist())
    if reduction == "mean":
        total /= losses.numel()
    return torch.tensor(total, dtype=losses.dtype)


def shares(like, reduction, rng):
    """Return weights for the reduced loss, and what each element's slope is multiplied by."""
    if reduction == "none":
        upstream = rng.randn(*like.shape, dtype=like.dtype)
        return upstream, upstream
    upstream = rng.randn(1, dtype=like.dtype)[0]
    return upstream, upstream / (like.numel() if reduction == "mean" else 1)


def smooth(beta):
    """Return the formula of smooth L1 with this beta, and its derivative."""

    def value(x, y):
        d = abs(x - y)
        return d * d / (2 * beta) if d < beta else d - beta / 2

    def slope(x, y):
        return max(-1.0, min(1.0, (x - y) / beta))

    return value, slope


def sign(x, y):
    """Return the derivative of |x - y|."""
    return float(x > y) - float(x < y)


def assert_slopes(submission, rng, name, x, y, slope, **options):
    """Compare the gradients of x and y with a derivative, for every reduction."""
    slopes = each(slope, x, y)
    for reduction in REDUCTIONS:
        upstream, share = shares(x, reduction, rng)
        options["reduction"] = reduction
        arguments = [name, x, y, dict(options), upstream]
        x_grad, y_grad = submission.run(slopes_through, *arguments)
        assert_tensor(x_grad, slopes * share)
        assert_tensor(y_grad, -slopes * share)


def with_ties(rng, count):
    """Return outputs and targets in float64 that are equal here and there."""
    x, y = (rng.randn(count, dtype=torch.float64) for _ in range(2))
    y[::3] = x[::3]
    return x, y


@check(
    points=2,
    zh="对任何形状，包括空张量和单个数，reduce_loss 的值和梯度都正确，每个元素份量相同。",
    hint="The mean divides by all elements, not by rows. A sum hands on its gradient as it is.",
    hint_zh="mean 除以元素总数，不是行数。sum 把梯度原样传给每个元素。",
)
def test_reduce_loss_on_losses_of_any_shape(submission, rng):
    """Values and gradients of reduce_loss are right for every shape, empty and () included."""
    for dtype, shape in [(torch.float64, (3, 2, 4)), (torch.float32, (5, 2)), (torch.float64, ())]:
        losses = rng.rand(*shape, dtype=dtype) if shape else rng.rand(1, dtype=dtype)[0]
        for reduction in REDUCTIONS:
            assert_tensor(submission.reduce_loss(losses, reduction), reduced(losses, reduction))
            upstream, share = shares(losses, reduction, rng)
            (slope,) = submission.run(
                gradients, "reduce_loss", [losses, reduction], wrt=[0], upstream=upstream
            )
            assert_tensor(slope, share.expand(shape))
    nothing = torch.zeros(0, 3)
    assert_tensor(submission.reduce_loss(nothing, "none"), nothing)
    assert_tensor(submission.reduce_loss(nothing, "sum"), torch.tensor(0.0))
    nan = torch.tensor(math.nan)
    assert_tensor(submission.reduce_loss(nothing, "mean"), nan, equal_nan=True)


@check(
    points=1,
    zh="l1 和 mse 对各种形状、两种 dtype、每种 reduction 的值都正确，none 保持形状。",
    hint="Element by element first; then the mean over all elements, whatever the shape.",
    hint_zh="先逐个元素计算，再对所有元素求平均，与形状无关。",
)
def test_l1_and_mse_on_tensors_of_any_shape(submission, rng):
    """l1 and mse are right for every shape, dtype, layout and reduction; none keeps the shape."""
    formulas = {"l1": lambda x, y: abs(x - y), "mse": lambda x, y: (x - y) * (x - y)}
    for name, formula in formulas.items():
        for dtype, shape in [
            (torch.float64, (4, 3)),
            (torch.float32, (2, 1, 3, 2)),
            (torch.float64, (1,)),
        ]:
            x, y = rng.randn(*shape, dtype=dtype), rng.randn(*shape, dtype=dtype)
            for reduction in REDUCTIONS:
                loss = getattr(submission, name)(x, y, reduction)
                assert_tensor(loss, reduced(each(formula, x, y), reduction))
        x, y = rng.randn(3, 2, 4), rng.randn(3, 2, 4)
        expected = each(formula, x, y).transpose(0, 2)
        assert_tensor(submission.run(losses_of_views, name, x, y), expected)


@check(
    points=2,
    zh="l1 和 mse 的梯度对 x 和 y 都正确，x = y 的地方梯度是 0。",
    hint="abs() has the gradient 0 at 0; a root does not. Everything stays a tensor until the end.",
    hint_zh="abs() 在 0 处的梯度是 0，开平方则不是。从头到尾都要用张量运算。",
)
def test_gradients_of_l1_and_mse(submission, rng):
    """x and y get the right gradients from l1 and mse; they are 0 where x = y."""
    x, y = with_ties(rng, 10)
    assert_slopes(submission, rng, "l1", x, y, sign)
    assert_slopes(submission, rng, "mse", x, y, lambda x, y: 2 * (x - y))


@check(
    points=2,
    zh="beta 取各种值时，smooth_l1 在 beta 两侧和正好等于 beta 处的值都正确。",
    hint="The parabola ends where d reaches beta. If only the mean is wrong, see reduce_loss.",
    hint_zh="抛物线到 d 等于 beta 处为止。如果只有 mean 不对，请看 reduce_loss。",
)
def test_smooth_l1_for_every_beta(submission, rng):
    """smooth_l1 is right for every beta: nearer than beta, further away, and at beta itself."""
    for beta, dtype in [(0.25, torch.float64), (2.5, torch.float64), (0.5, torch.float32)]:
        d = torch.tensor([beta, -beta, 0, 0.7, -0.6, 0.9, 1.5, -2], dtype=dtype)
        y = torch.cat([torch.zeros(3, dtype=dtype), rng.randn(5, dtype=dtype)]).reshape(2, 4)
        x = y + d.reshape(2, 4) * (1 + torch.cat([torch.zeros(4), rng.rand(4) / 10])).reshape(2, 4)
        value, _ = smooth(beta)

        def fixed(x, y, beta=beta):
            d = abs(x - y)
            return d * d / (2 * beta) if d < 1 else d - beta / 2

        for reduction in REDUCTIONS:
            mistake = Mistake(
                reduced(each(fixed, x, y), reduction),
                en="The parabola ends at 1 here, and not at beta.",
                zh="这里的抛物线到 1 为止，而不是到 beta 为止。",
            )
            loss = submission.smooth_l1(x, y, reduction, beta=beta)
            assert_tensor(loss, reduced(each(value, x, y), reduction), mistakes=[mistake])


@check(
    points=1,
    zh="smooth_l1 的梯度对 x 和 y 都正确，包括差为 0 和正好等于 beta 的地方。",
    hint="The slope grows from 0 to 1 within beta and stays there; with the sign of x - y.",
    hint_zh="在 beta 以内，斜率从 0 增加到 1，之后保持不变；符号与 x - y 相同。",
)
def test_gradients_of_smooth_l1(submission, rng):
    """x and y get the right gradients from smooth_l1, also where they are equal or beta apart."""
    for beta in (1.0, 0.25):
        x, y = with_ties(rng, 11)
        x[:3], y[:3] = torch.tensor([beta, -beta, 0.7]), 0.0  # 0 apart: at 3, 6 and 9
        assert_slopes(submission, rng, "smooth_l1", x, y, smooth(beta)[1], beta=beta)


@check(
    points=2,
    zh="beta = 0 时 smooth_l1 就是 l1，梯度也相同。",
    hint="torch.where sends a gradient into both branches: 0 * inf is nan. Treat 0 on its own.",
    hint_zh="torch.where 的梯度会进入两个分支：0 * inf 得 nan。beta = 0 要单独处理。",
)
def test_smooth_l1_without_a_parabola(submission, rng):
    """With beta = 0 smooth_l1 is l1, its gradients included."""
    x, y = with_ties(rng, 8)
    assert_tensor(submission.smooth_l1(x, y, "none", beta=0.0), each(lambda x, y: abs(x - y), x, y))
    assert_slopes(submission, rng, "smooth_l1", x, y, sign, beta=0.0)


@check(
    points=2,
    zh="poisson_nll 对任意形状、两种输入和每种 reduction 的值都正确，速率为 0 时也是。",
    hint="eps is added to the rate inside the log. If only the mean is wrong, see reduce_loss.",
    hint_zh="eps 加在对数里面的速率上。如果只有 mean 不对，请看 reduce_loss。",
)
def test_poisson_nll_on_counts_of_any_shape(submission, rng):
    """poisson_nll is right for every shape, both kinds of input and every reduction, rate 0 too."""
    for dtype, shape, eps in [(torch.float64, (3, 4), 1e-8), (torch.float32, (2, 2, 3), 0.01)]:
        x, y = rng.randn(*shape, dtype=dtype), rng.randint(0, 6, shape).to(dtype)
        rates = 3 * rng.rand(*shape, dtype=dtype)
        rates.flatten()[0], y.flatten()[0] = 0.0, 2.0
        by_logs = each(lambda x, y: math.exp(x) - y * x, x, y)
        by_rates = each(lambda x, y, eps=eps: x - y * math.log(x + eps), rates, y)
        for reduction in REDUCTIONS:
            loss = submission.poisson_nll(x, y, reduction, eps=eps)
            assert_tensor(loss, reduced(by_logs, reduction))
            loss = submission.poisson_nll(rates, y, reduction, log_input=False, eps=eps)
            assert_tensor(loss, reduced(by_rates, reduction))


@check(
    points=2,
    zh="full=True 只在 y > 1 处加上斯特林项；y 为 0 或 1 时不加，也不会出现 nan。",
    hint="0 * nan is nan: choose with torch.where instead of multiplying by a mask.",
    hint_zh="0 * nan 还是 nan：要用 torch.where 选取，不要乘以掩码。",
)
def test_poisson_nll_in_full(submission, rng):
    """full=True adds Stirling's term where y > 1, and nothing, not even nan, for 0 and 1."""

    def stirling(y):
        return y * math.log(y) - y + math.log(2 * math.pi * y) / 2 if y > 1 else 0.0

    y = torch.tensor([0.0, 1, 2, 3, 7, 1, 0, 12], dtype=torch.float64)
    x, rates = rng.randn(8, dtype=torch.float64), rng.rand(8, dtype=torch.float64) + 0.5
    expected = each(lambda x, y: math.exp(x) - y * x + stirling(y), x, y)
    for reduction in REDUCTIONS:
        loss = submission.poisson_nll(x, y, reduction, full=True)
        assert_tensor(loss, reduced(expected, reduction))
    expected = each(lambda x, y: x - y * math.log(x + 1e-8) + stirling(y), rates, y)
    loss = submission.poisson_nll(rates, y, "none", log_input=False, full=True)
    assert_tensor(loss, expected)


@check(
    points=1,
    zh="poisson_nll 的梯度对两种输入和每种 reduction 都正确，full=True 时也一样。",
    hint="Stirling's term does not depend on x, so it changes no gradient.",
    hint_zh="斯特林项与 x 无关，所以不影响梯度。",
)
def test_gradients_of_poisson_nll(submission, rng):
    """x gets the right gradient from poisson_nll, for both kinds of input and every reduction."""
    y = torch.tensor([0.0, 1, 2, 5, 0, 3], dtype=torch.float64)
    slopes = {True: lambda x, y: math.exp(x) - y, False: lambda x, y: 1 - y / (x + 0.1)}
    for log_input, slope in slopes.items():
        x = rng.rand(6, dtype=torch.float64)
        x[0] = 0
        for reduction in REDUCTIONS:
            upstream, share = shares(x, reduction, rng)
            options = {"reduction": reduction, "log_input": log_input, "eps": 0.1}
            for full in (False, True):
                arguments = [x, y, {**options, "full": full}, upstream]
                received = submission.run(slope_of_rates, *arguments)
                assert_tensor(received, each(slope, x, y) * share)


@check(
    points=1,
    zh="计数为负，或速率为负时，poisson_nll 抛出 ValueError；速率的对数可以为负。",
    hint="One negative number among many is enough: any() of a comparison.",
    hint_zh="许多数里只要有一个为负就不行：对比较的结果用 any()。",
)
def test_poisson_nll_refuses_negative_counts_and_rates(submission, rng):
    """poisson_nll raises ValueError for a negative count and for a negative rate."""
    x, y = rng.rand(3, 2) + 0.1, rng.randint(0, 5, (3, 2)).float()
    bad = y.clone()
    bad[2, 0] = -1
    for log_input in (True, False):
        with raises(ValueError):
            submission.poisson_nll(x, bad, log_input=log_input)
    x[1, 1] = -0.2
    with raises(ValueError):
        submission.poisson_nll(x, y, log_input=False)
    expected = each(lambda x, y: math.exp(x) - y * x, x, y)
    assert_tensor(submission.poisson_nll(x, y, "none"), expected)


@check(
    points=2,
    zh="形状有任何不同、reduction 不存在，或 smooth_l1 的 beta 为负时，都抛出 ValueError。",
    hint="(N, 1) and (N,) become (N, N) in silence. A misspelt reduction must not pass as mean.",
    hint_zh="(N, 1) 与 (N,) 会悄悄变成 (N, N)。拼错的 reduction 也不能当成 mean。",
)
def test_losses_refuse_what_does_not_fit(submission, rng):
    """The losses raise ValueError for other shapes, other reductions and a negative beta."""
    for name in LOSSES:
        loss = getattr(submission, name)
        for size, other in [((4, 1), (4,)), ((3, 2), (2, 3)), ((5,), ()), ((2, 3), (1, 2, 3))]:
            x = rng.rand(*size)
            y = rng.rand(*other) if other else torch.tensor(1.0)
            with raises(ValueError):
                loss(x, y)
        for reduction in ("batchmean", "Mean", ""):
            with raises(ValueError):
                loss(rng.rand(3), rng.rand(3), reduction)
    with raises(ValueError):
        submission.smooth_l1(rng.rand(3), rng.rand(3), beta=-0.5)


@check(
    points=1,
    zh="结果与输入在同一设备上。",
    hint="No numpy, no .item(), no new tensor on the CPU between x and the loss.",
    hint_zh="从 x 到损失，中间不能经过 numpy、.item()，也不能在 CPU 上新建张量。",
)
def test_losses_stay_on_the_device(submission, rng):
    """The losses are on the device of what came in."""
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    # poisson_nll looks at the numbers to refuse them, and meta has none.
    there = submission.on("meta")
    x, y = rng.rand(3, 4), rng.rand(3, 4)
    for name in ("l1", "mse", "smooth_l1"):
        assert_tensor(getattr(there, name)(x, y, "none"), torch.empty(3, 4, device="meta"))
        assert_tensor(getattr(there, name)(x, y), torch.empty((), device="meta"))


@check(
    points=1,
    zh="legacy_reduction 对九种组合都正确，None 当作 True。",
    hint="None is not False, though `not None` is True: compare with `is False`.",
    hint_zh="None 不是 False，虽然 `not None` 是 True：要用 `is False` 比较。",
)
def test_legacy_reduction_in_all_nine_cases(submission):
    """legacy_reduction is right in all nine cases; None counts as True."""
    names = {(True, True): "mean", (False, True): "sum", (True, False): "none"}
    names[False, False] = "none"
    for size_average in (None, True, False):
        for reduce in (None, True, False):
            expected = names[size_average is not False, reduce is not False]
            assert_equal(
                submission.legacy_reduction(size_average=size_average, reduce=reduce), expected
            )


@check(
    points=2,
    zh="descend 对不同的损失走任意步都正确；返回新的、与计算图分离的张量，x 和 y 保持不变。",
    hint="A fresh gradient for every step; the step is no part of the graph. Work on a copy.",
    hint_zh="每一步用新的梯度；移动本身不进计算图，而且在 x 的副本上进行。",
)
def test_descend_with_any_loss(submission, rng):
    """Descend takes the right steps with any loss, on a new, detached tensor; x and y stay."""
    slopes = {
        "l1": lambda d: d.sign() / d.numel(),
        "mse": lambda d: 2 * d / d.numel(),
        "log cosh": torch.tanh,
    }
    for (name, slope), steps in zip(slopes.items(), (0, 3, 4), strict=True):
        x, y = (rng.randn(2, 3, dtype=torch.float64) for _ in range(2))
        expected = x.clone()
        for _ in range(steps):
            expected = expected - 0.3 * slope(expected - y)
        result, asks, *inputs = submission.run(moved, name, x, y, steps, 0.3)
        assert_tensor(result, expected)
        assert_equal(asks, False)  # noqa: FBT003
        shared = Mistake(
            x + 1,
            en="The result is no new tensor: who changes it changes x as well.",
            zh="结果不是新的张量：改动它，x 也跟着变。",
        )
        assert_tensor(inputs[0], x, mistakes=[shared])
        assert_tensor(inputs[1], y)
