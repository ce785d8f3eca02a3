"""Hidden checks of ex02_tensor_create: other dtypes, devices, sizes and seeds."""

import torch

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
    same_seed,
)

RANDOM = ("pictures", "order", "dice")


@probe
def filled_and_source(student, x, fill):
    """Return like(x, fill), x afterwards, and whether the result requires a gradient."""
    x.requires_grad_()
    filled = student.like(x, fill)
    return filled, x.detach(), filled.requires_grad


@probe
def grids(student, settings):
    """Return grid for every setting (a, b, n)."""
    return [student.grid(*setting) for setting in settings]


@probe
def points(student, n, noise, seed):
    """Return noisy_parabola with a new generator of this seed."""
    return student.noisy_parabola(n, noise, torch.Generator().manual_seed(seed))


@probe
def noises(student, n, sizes, seed):
    """Return y for every size of noise with a new generator, then twice with one generator."""
    generator = torch.Generator().manual_seed(seed)
    afresh = [
        student.noisy_parabola(n, size, torch.Generator().manual_seed(seed))[1] for size in sizes
    ]
    return afresh, [student.noisy_parabola(n, sizes[0], generator)[1] for _ in range(2)]


@probe
def global_numbers_after(student, n, seed, global_seed):
    """Seed torch, call noisy_parabola, and return what torch draws next."""
    torch.manual_seed(global_seed)
    student.noisy_parabola(n, 0.5, torch.Generator().manual_seed(seed))
    return torch.rand(8)


@probe
def inputs_in_float64(student, values):
    """Return as_input of every value after the default dtype was changed."""
    torch.set_default_dtype(torch.float64)
    return [student.as_input(value) for value in values]


@probe
def numbers(student, tensors):
    """Return to_number of every tensor; those that can do require a gradient."""
    return [student.to_number(t.requires_grad_(t.is_floating_point())) for t in tensors]


def column(n):
    """Return n numbers from -1 to 1 as a column."""
    return torch.linspace(-1, 1, n).reshape(n, 1)


@check(
    points=2,
    zh="make_basic 的三个随机张量，dtype、取值范围和分布都正确。",
    hint="rand is even over [0, 1), randn is not; randint leaves its upper end out.",
    hint_zh="rand 在 [0, 1) 上均匀分布，randn 不是；randint 取不到上界。",
)
def test_make_basic_draws_from_the_right_ranges(submission):
    """The three random tensors of make_basic have the right dtypes, ranges and distributions."""
    made = submission.make_basic()
    pictures, order, dice = (made[name] for name in RANDOM)
    dtypes = [pictures.dtype, order.dtype, dice.dtype]
    assert_equal(dtypes, [torch.float32, torch.int64, torch.int64])
    assert_equal(bool((pictures >= 0).all() and (pictures < 1).all()), expected=True)
    # 12288 numbers: their mean is within 0.003 of 1/2, their deviation within 0.002 of 0.2887.
    assert_close([pictures.mean().item(), pictures.std().item()], [0.5, 0.2887], rtol=0, atol=0.03)
    assert_equal(sorted(order.tolist()), list(range(20)))
    assert_equal(sorted(set(dice.tolist())), [1, 2, 3, 4, 5, 6])


@check(
    points=1,
    zh="make_basic 每次调用给出不同的随机数；设定同一全局种子后又完全相同。",
    hint="Draw with torch alone, and leave seeding to the caller.",
    hint_zh="只用 torch 抽随机数，种子留给调用者来设。",
)
def test_make_basic_follows_the_global_random_state(submission, rng):
    """The random tensors of make_basic repeat after the same seed, and differ without one."""
    first, second = submission.run(same_seed, "make_basic", [], rng.seed())
    third = submission.make_basic()
    for name in RANDOM:
        assert_equal(second[name], first[name])
        assert_equal(torch.equal(second[name], third[name]), expected=False)


@check(
    points=1,
    zh="like 对各种 dtype 和形状都正确，数值不损失精度。",
    hint="Neither float32 nor int64 may stand in between; an empty tensor has a dtype as well.",
    hint_zh="中间不能经过 float32 或 int64；空张量也有自己的 dtype。",
)
def test_like_keeps_every_dtype_exactly(submission, rng):
    """like is right for every dtype and shape, at full precision."""
    cases = [
        (torch.zeros(2, 5, 3, dtype=torch.float64), rng.randn(1, dtype=torch.float64).item()),
        (torch.ones(4, dtype=torch.int64), 2**53 + 2 * rng.integer(1, 999) + 1),
        (torch.zeros(3, 2, dtype=torch.int8), -rng.integer(1, 100)),
        (torch.zeros((), dtype=torch.float16), rng.integer(1, 50) / 4),
        (torch.zeros(2, 3, dtype=torch.bool), True),
        (torch.zeros(0, 4, dtype=torch.uint8), 9),
        (rng.randn(1, 6), rng.integer(1, 50)),
    ]
    for x, fill in cases:
        assert_tensor(submission.like(x, fill), torch.full(x.shape, fill, dtype=x.dtype))


@check(
    points=1,
    zh="like 的结果与 x 在同一设备上。",
    hint="torch.full without device= makes a tensor on the CPU; full_like and new_full follow x.",
    hint_zh="torch.full 不写 device= 时在 CPU 上；full_like 和 new_full 跟随 x。",
)
def test_like_stays_on_the_device(submission, rng):
    """The result of like is on the device of x."""
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    for x in (rng.randn(2, 5), rng.randint(0, 9, (3,))):
        expected = torch.empty(x.shape, dtype=x.dtype, device="meta")
        assert_tensor(submission.on("meta").like(x, 3), expected)


@check(
    points=2,
    zh="like 不受 x 的数值影响，不改动 x，结果也不需要梯度。",
    hint="Take x's properties, not its numbers: NaN * 0 is NaN, and arithmetic keeps the graph.",
    hint_zh="只取 x 的属性，不取它的数值：NaN * 0 还是 NaN，而且运算会保留计算图。",
)
def test_like_leaves_x_alone(submission, rng):
    """like does not depend on x's values, does not change x, and requires no gradient."""
    x = rng.randn(3, 4)
    x[0, 1], x[2, 3] = float("nan"), float("inf")
    fill = rng.integer(1, 50) / 8
    filled, source, requires_grad = submission.run(filled_and_source, x, fill)
    assert_tensor(filled, torch.full((3, 4), fill))
    assert_tensor(source, x, equal_nan=True)
    assert_equal(requires_grad, expected=False)


@check(
    points=2,
    zh="对各种起点、终点和点数，grid 的点数、两端和 dtype 都正确，只有一个点时也一样。",
    hint="A step that was rounded gains or loses a point now and then; count points, not steps.",
    hint_zh="步长有舍入误差时，偶尔会多一个点或少一个点；要数点，不要数步长。",
)
def test_grid_in_many_settings(submission, rng):
    """grid has the right points for many ends and numbers of points, one point included."""
    settings = [(rng.integer(-9, 9), rng.integer(20, 30), 1)]
    for _ in range(60):
        a, width = rng.integer(-80, 80) / 8, rng.integer(1, 160) / 7
        settings.append((a, a + width * (-1) ** rng.integer(0, 2), rng.integer(2, 60)))
    expected = [torch.linspace(a, b, n, dtype=torch.float32) for a, b, n in settings]
    assert_close(submission.run(grids, settings), expected)


@check(
    points=2,
    zh="noisy_parabola 的噪声只由生成器决定，与 noise 成正比；继续用同一生成器会得到新的噪声。",
    hint="Hand the generator on with generator=...; do not read its seed, do not make another one.",
    hint_zh="用 generator=…… 把生成器传下去；不要读取它的种子，也不要另建生成器。",
)
def test_noise_comes_from_the_generator(submission, rng):
    """The generator alone decides the noise, which grows with `noise` and never repeats."""
    n, sizes = rng.integer(20, 40), (0.5, 2.0)
    afresh, in_a_row = submission.run(noises, n, sizes, rng.seed())
    parabola = column(n) ** 2
    assert_tensor(afresh[1] - parabola, 4 * (afresh[0] - parabola))
    assert_tensor(in_a_row[0], afresh[0])
    assert_equal(torch.equal(in_a_row[1], in_a_row[0]), expected=False)


@check(
    points=2,
    zh="许多点的噪声服从均值为 0、标准差为 noise 的正态分布。",
    hint="rand is even over [0, 1), randn is normal; every point needs a draw of its own.",
    hint_zh="rand 在 [0, 1) 上均匀分布，randn 才是正态分布；每个点都要单独抽一次。",
)
def test_noise_is_normal(submission, rng):
    """Over many points the noise is normal, with mean 0 and the deviation that was asked for."""
    x, y = submission.run(points, 4000, 0.25, rng.seed())
    assert_tensor(x, column(4000))
    assert_equal((y.dtype, tuple(y.shape)), (torch.float32, (4000, 1)))
    z = (y - x**2) / 0.25
    # 4000 draws: these two are within 0.016 and 0.011 of 0 and 1, the share within 0.008 of 0.683.
    assert_close([z.mean().item(), z.std().item()], [0.0, 1.0], rtol=0, atol=0.1)
    assert_close((z.abs() < 1).double().mean().item(), 0.683, rtol=0, atol=0.05)


@check(
    points=1,
    zh="noisy_parabola 不改变 torch 的全局随机状态。",
    hint="torch.manual_seed and draws without generator= change what everybody else draws next.",
    hint_zh="torch.manual_seed 和不带 generator= 的抽取，都会改变别处接下来的随机数。",
)
def test_noisy_parabola_leaves_the_global_random_state_alone(submission, rng):
    """noisy_parabola leaves torch's global random state as it is."""
    seed = rng.seed()
    expected = torch.rand(8, generator=torch.Generator().manual_seed(seed))
    answer = submission.run(global_numbers_after, rng.integer(5, 30), rng.seed(), seed)
    assert_tensor(answer, expected, rtol=0, atol=0)


@check(
    points=2,
    zh="as_label 对单个数、嵌套列表、空列表和很大的数都给出精确的 int64。",
    hint="torch.Tensor reads 3 as a size and passes through float32, which has 24 bits only.",
    hint_zh="torch.Tensor 会把 3 当作长度，还要经过 float32，而它只有 24 位精度。",
)
def test_as_label_of_every_value(submission, rng):
    """as_label is exact for single numbers, nested and empty lists and large numbers."""
    nested = rng.randint(0, 99, (2, 4, 3))
    large = (2**24 + 2 * rng.randint(1, 999, (5,)) + 1) * 2**20 + 1
    single = rng.integer(3, 9)
    cases = [
        (nested.tolist(), nested),
        (large.tolist(), large),
        (single, torch.tensor(single)),
        (float(single), torch.tensor(single)),
        (nested[0].double().tolist(), nested[0]),
        ([True, False], torch.tensor([1, 0])),
        ([], torch.zeros(0, dtype=torch.int64)),
    ]
    for value, expected in cases:
        assert_tensor(submission.as_label(value), expected)


@check(
    points=2,
    zh="无论默认 dtype 是什么，as_input 对单个数和嵌套列表都给出 float32。",
    hint="torch.tensor takes its float dtype from the default unless you name one.",
    hint_zh="不写明 dtype 时，torch.tensor 的浮点类型由默认 dtype 决定。",
)
def test_as_input_of_every_value(submission, rng):
    """as_input gives float32 for single numbers and nested lists, whatever the default dtype."""
    nested = rng.randn(3, 1, 4)
    values = [nested.tolist(), 4, 2.5, [1, 0], [True, False], []]
    expected = [nested, torch.tensor(4.0), torch.tensor(2.5)]
    expected += [torch.tensor([1.0, 0.0])] * 2 + [torch.zeros(0)]
    assert_close(submission.run(inputs_in_float64, values), expected)


@check(
    points=1,
    zh="有的维度大小为 1 或 0、维数更多、或在别的设备上时，rank_name 也正确。",
    hint="The number of dimensions is t.dim(); sizes of 1 count; len(t) is the first size only.",
    hint_zh="维数是 t.dim()；大小为 1 的维度也算，而 len(t) 只是第一维的大小。",
)
def test_rank_name_of_every_rank(submission, rng):
    """rank_name is right for sizes of one and zero, for more dimensions, on any device."""
    n = rng.integer(2, 9)
    shapes = [(), (1,), (0,), (1, 1), (n, 1), (0, n), (1, 1, 1), (1, n, 0, n), (1,) * 5, (n,) * 6]
    names = ("scalar", "vector", "matrix")
    for shape in shapes:
        rank = len(shape)
        expected = names[rank] if rank < 3 else f"{rank}-d tensor"
        assert_equal(submission.on("meta").rank_name(torch.zeros(shape)), expected)


@check(
    points=1,
    zh="对各种 dtype 和形状，to_number 都给出类型正确、数值精确的 Python 数。",
    hint="float(t) turns ints into floats and loses large ones; item() goes by the dtype.",
    hint_zh="float(t) 会把整数变成 float，很大的数还会失真；item() 按 dtype 决定类型。",
)
def test_to_number_is_exact(submission, rng):
    """to_number gives the exact Python number of the right type for every dtype and shape."""
    tensors = [
        torch.tensor([[2**53 + 2 * rng.integer(1, 999) + 1]]),
        torch.tensor([[[-rng.integer(1, 99)]]], dtype=torch.int8),
        rng.randn(1, 1, dtype=torch.float64),
        rng.randn(1)[0],
        torch.tensor(rng.integer(0, 2) == 1),
    ]
    assert_equal(submission.run(numbers, tensors), [tensor.item() for tensor in tensors])


@check(
    points=1,
    zh="to_number 只接受恰好一个元素的张量，其余的都抛出 RuntimeError。",
    hint="Sums, indices and lists find an answer in many tensors; item() in those of one element.",
    hint_zh="求和、下标和列表在许多张量上都有结果；item() 只认只有一个元素的张量。",
)
def test_to_number_refuses_all_but_one_element(submission, rng):
    """to_number reads one element, and raises RuntimeError for none and for more."""
    assert_equal(submission.to_number(torch.tensor([[5]])), 5)
    for shape in [(3,), (0,), (1, 2), (2, 1), (4, 0), (2, 3, 2)]:
        with raises(RuntimeError):
            submission.to_number(rng.randn(*shape))
