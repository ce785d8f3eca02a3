"""Public checks of ex02_tensor_create: the tensors of the notes."""

import torch

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
)


@probe
def shapes(student):
    """Return the shape of every tensor that make_basic returns."""
    made = student.make_basic()
    if not isinstance(made, dict):
        return made
    return {name: tuple(tensor.shape) for name, tensor in made.items()}


@probe
def entries(student, names):
    """Return those of make_basic's tensors that are called for."""
    return {name: tensor for name, tensor in student.make_basic().items() if name in names}


@probe
def points(student, n, noise, seed):
    """Return noisy_parabola with a new generator of this seed."""
    return student.noisy_parabola(n, noise, torch.Generator().manual_seed(seed))


@check(
    points=1,
    zh="make_basic 恰好返回十个张量，名字和形状都正确。",
    hint="linspace makes a row of numbers, shape (1000,); x[:, None] or unsqueeze(1) adds an axis.",
    hint_zh="linspace 得到的形状是 (1000,)；用 x[:, None] 或 unsqueeze(1) 可以增加一个维度。",
)
def test_make_basic_has_ten_tensors(submission):
    """make_basic returns exactly ten tensors, with the right names and shapes."""
    expected = {
        "zeros": (4, 3),
        "eye": (3, 3),
        "lengths": (16,),
        "mixed": (2,),
        "small": (3,),
        "halves": (4,),
        "column": (1000, 1),
        "pictures": (4, 3, 32, 32),
        "order": (20,),
        "dice": (200,),
    }
    assert_equal(submission.run(shapes), expected)


@check(
    points=1,
    zh="make_basic 中不随机的七个张量，dtype 和数值都正确。",
    hint="Compare the dtype in the list with what torch.zeros, torch.full or torch.tensor choose.",
    hint_zh="对照表中的 dtype，看看 torch.zeros、torch.full、torch.tensor 默认选的是什么。",
)
def test_make_basic_has_the_listed_values(submission):
    """The seven tensors of make_basic that are not random have the listed dtypes and values."""
    expected = {
        "zeros": torch.zeros(4, 3, dtype=torch.int64),
        "eye": torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]),
        "lengths": torch.tensor([50] * 16),
        "mixed": torch.tensor([5.5, 3.0]),
        "small": torch.tensor([1, 2, 3], dtype=torch.int8),
        "halves": torch.tensor([0.0, 0.5, 1.0, 1.5]),
        "column": torch.linspace(-1, 1, 1000).reshape(1000, 1),
    }
    assert_close(submission.run(entries, list(expected)), expected)


@check(
    points=1,
    zh="like 返回形状和 dtype 都与 x 相同的张量，处处是 fill。",
    hint="torch.full takes the dtype from the number (50: int64, 0.1: float32), not from x; "
    "torch.full_like asks x.",
    hint_zh="torch.full 的 dtype 由填的数决定（50 得 int64，0.1 得 float32），与 x 无关；"
    "torch.full_like 才沿用 x 的属性。",
)
def test_like_takes_shape_and_dtype_from_x(submission, rng):
    """like returns a tensor of x's shape and dtype with the number everywhere."""
    x = rng.randn(3, 4, dtype=torch.float64)
    assert_tensor(submission.like(x, 0.1), torch.full((3, 4), 0.1, dtype=torch.float64))


@check(
    points=1,
    zh="grid(0, 10, 5) 是 0、2.5、5、7.5、10，grid(10, 0, 3) 是 10、5、0。",
    hint="n points leave n - 1 gaps. torch.linspace counts points, torch.arange stops before b.",
    hint_zh="n 个点之间有 n - 1 段。torch.linspace 数的是点，torch.arange 到 b 之前就停下。",
)
def test_grid_from_0_to_10(submission):
    """grid(0, 10, 5) is 0, 2.5, 5, 7.5, 10, and grid(10, 0, 3) is 10, 5, 0."""
    stops_early = Mistake(
        torch.arange(0, 10, 2.0),
        en="These are steps of (b - a) / n, and the end is missing: n points have n - 1 gaps "
        "between them.",
        zh="这里的步长是 (b - a) / n，而且少了终点：n 个点之间只有 n - 1 段。",
    )
    expected = torch.tensor([0, 2.5, 5, 7.5, 10])
    assert_tensor(submission.grid(0, 10, 5), expected, mistakes=[stops_early])
    assert_tensor(submission.grid(10, 0, 3), torch.tensor([10.0, 5.0, 0.0]))


@check(
    points=1,
    zh="噪声为 0 时，noisy_parabola 给出两列数：x 从 -1 到 1，y = x ** 2。",
    hint="Print both shapes. (n, 1) with (n,) broadcasts to (n, n); draw the noise as (n, 1).",
    hint_zh="打印两者的形状。(n, 1) 与 (n,) 相加会广播成 (n, n)；噪声也要抽成 (n, 1)。",
)
def test_noisy_parabola_without_noise(submission):
    """With noise 0 noisy_parabola gives two columns: x from -1 to 1, and y = x ** 2."""
    row = torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0])
    column = row.reshape(5, 1)
    for_every_pair = Mistake(
        (column**2).expand(5, 5),
        en="y has a number for every pair of points: (n, 1) and (n,) were broadcast to (n, n).",
        zh="y 对每一对点都有一个数：(n, 1) 与 (n,) 广播成了 (n, n)。",
    )
    x, y = submission.run(points, 5, 0.0, 1)
    assert_tensor(x, column)
    assert_tensor(y, column**2, mistakes=[for_every_pair])


@check(
    points=1,
    zh="as_label 把整数变成 int64，as_input 把数变成 float32。",
    hint="torch.tensor takes dtype=...; torch.Tensor always makes the default dtype.",
    hint_zh="torch.tensor 可以写 dtype=……；torch.Tensor 不管数据是什么，一律用默认 dtype。",
)
def test_labels_and_inputs_have_their_dtypes(submission):
    """as_label turns whole numbers into int64, as_input turns numbers into float32."""
    assert_tensor(submission.as_label([3, 0, 9]), torch.tensor([3, 0, 9], dtype=torch.int64))
    expected = torch.tensor([[1.0, 2.0, 0.5], [3.0, 4.0, 0.0]])
    assert_tensor(submission.as_input([[1, 2, 0.5], [3, 4, 0]]), expected)


@check(
    points=1,
    zh="rank_name 说出标量、向量、矩阵和一批图像的名称。",
    hint="Count the dimensions with t.dim(), not the numbers; a single row is still a matrix.",
    hint_zh="用 t.dim() 数维数，而不是数元素；只有一行的也还是矩阵。",
)
def test_rank_name_of_the_tensors_of_the_notes(submission):
    """rank_name names a scalar, a vector, a matrix of one row and a batch of pictures."""
    assert_equal(submission.rank_name(torch.tensor(5.0)), "scalar")
    assert_equal(submission.rank_name(torch.tensor([1, 2, 3])), "vector")
    assert_equal(submission.rank_name(torch.tensor([[1, 2, 3]])), "matrix")
    assert_equal(submission.rank_name(torch.zeros(4, 3, 32, 32)), "4-d tensor")


@check(
    points=1,
    zh="to_number 从整数张量得到 int，从浮点张量得到 float。",
    hint="Tensor.item gives the Python number that fits the dtype, whatever the shape.",
    hint_zh="Tensor.item 按 dtype 给出相应的 Python 数，与形状无关。",
)
def test_to_number_gives_an_int_or_a_float(submission):
    """to_number gives an int for an integer tensor and a float for a float tensor."""
    assert_equal(submission.to_number(torch.tensor(5)), 5)
    assert_equal(submission.to_number(torch.tensor([2.5])), 2.5)


@check(
    points=1,
    zh="to_number 能取出唯一的元素；有两个元素时抛出 RuntimeError。",
    hint="t[0] and t.sum() give an answer where there is none; t.item() refuses.",
    hint_zh="没有唯一答案时，t[0] 和 t.sum() 也会给出一个数；t.item() 会拒绝。",
)
def test_to_number_refuses_two_elements(submission):
    """to_number reads a single element, and raises RuntimeError for two."""
    assert_equal(submission.to_number(torch.tensor([7])), 7)
    with raises(RuntimeError):
        submission.to_number(torch.tensor([1, 2]))
