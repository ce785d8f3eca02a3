"""Hidden checks of ex31_numpy_pandas_tqdm: other dtypes, unkind tables, devices, and the time."""

import io
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from grader.checks import assert_close, assert_equal, assert_tensor, check, probe, raises


def words(rng, count):
    """Return different words of small letters."""
    letters = rng.randint(0, 26, (count, 4)).tolist()
    return ["".join(chr(97 + x) for x in row) + chr(97 + i) for i, row in enumerate(letters)]


@probe
def dots_of_views(student, a, b):
    """Return dot_numpy of every second number, backwards, of both arrays; and of lists."""
    return [student.dot_numpy(a[::-2], b[::-2]), student.dot_numpy(a.tolist(), list(b))]


@probe
def two_kernels(student, n):
    """Return two kernels of one size; the first was changed before the second was made."""
    first = student.make_kernel(n)
    kept = first.copy()
    first[:] = 7
    return kept, student.make_kernel(n)


@probe
def labels_of(student, text):
    """Return read_labels of a file with this text."""
    Path("table.csv").write_bytes(text.encode("utf-8"))
    return student.read_labels("table.csv")


@probe
def look_up_each(student, columns, index, names):
    """Return lookup of every name in a table with this index, and the table afterwards."""
    table = pd.DataFrame(columns, index=index)
    found = [student.lookup(table, name) for name in names]
    return found, list(table.columns), table.index.tolist(), table["label"].tolist()


@probe
def sum_a_generator(student, items, desc):
    """Return progress_sum of a generator, what had been written at its first item, and in all."""
    file, early = io.StringIO(), []

    def given():
        for item in items:
            early.append(file.getvalue())
            yield item

    total = student.progress_sum(given(), file, desc)
    return total, early[0], file.getvalue()


@probe
def sum_plainly(student, items):
    """Return progress_sum of the items, and what the file has."""
    file = io.StringIO()
    return student.progress_sum(items, file, "sum"), file.getvalue()


@probe
def put_in_place(student, module, name, stand_in):
    """Put a stand-in for module.name, also where the file imported it by name."""
    real = getattr(module, name)
    known = getattr(student.Timer.__enter__, "__globals__", {})
    for own in [own for own, value in known.items() if value is real]:
        known[own] = stand_in
    setattr(module, name, stand_in)


@probe
def time_devices(student, runs):
    """Return seconds of a block for each (device, is_object, queued before, queued within).

    The clock is a stand-in. A device works on when Python has gone on: waiting for it takes the
    time of what is queued there. Without a GPU waiting fails, as for real.
    """
    clock, queues, has_gpu = [100.0], {}, [True]

    def synchronize(device=None):
        if not has_gpu[0]:
            raise RuntimeError("Found no NVIDIA driver on your system.")
        place = device if isinstance(device, int) else torch.device(device or "cuda").index
        clock[0] += queues.pop(place or 0, 0.0)

    put_in_place(student, time, "perf_counter", lambda: clock[0])
    put_in_place(student, torch.cuda, "synchronize", synchronize)
    measured = []
    for name, is_object, before, within in runs:
        device = torch.device(name) if is_object else name
        has_gpu[0] = name is not None and name.startswith("cuda")
        place = 1 if has_gpu[0] and name.endswith("1") else 0
        queues[place] = before
        with student.Timer(device) as timer:
            queues[place] = queues.get(place, 0.0) + within
            clock[0] += 0.5
        measured.append(timer.seconds)
        queues.clear()
    return measured


@probe
def time_with_an_exception(student, lengths):
    """Use one timer again and again; each block ends by an exception. Return seconds, and those."""
    clock = [7.0]
    put_in_place(student, time, "perf_counter", lambda: clock[0])

    def fail(length):
        clock[0] += length
        raise LookupError(str(length))

    timer = student.Timer("cpu")
    found = []
    for length in lengths:
        try:
            with timer as entered:
                fail(length)
        except LookupError as error:
            found.append((timer.seconds, str(error), entered is timer))
        else:
            found.append((timer.seconds, "nothing", entered is timer))
        clock[0] += 3.0
    return found


@probe
def time_nested(student, outer, inner):
    """Return seconds of a timer and of another one inside its block."""
    clock = [0.0]
    put_in_place(student, time, "perf_counter", lambda: clock[0])
    with student.Timer() as first:
        clock[0] += outer
        with student.Timer() as second:
            clock[0] += inner
    return [first.seconds, second.seconds]


@probe
def dots_of_rows(student, a, b):
    """Return dot_numpy of each row of a with each row of b."""
    return torch.tensor([[student.dot_numpy(x, y) for y in b] for x in a], dtype=torch.float64)


@check(
    points=1,
    zh="dot_loop 对整数、空列表和任意长度都正确；长度不同时抛出 ValueError。",
    hint="zip stops in silence at the shorter list, unless it is told to be strict.",
    hint_zh="zip 默认在较短的列表结束时悄悄停下，除非让它严格检查。",
)
def test_dot_loop_on_lists_of_every_length(submission, rng):
    """dot_loop is right for ints, for nothing and for any length, and refuses two lengths."""
    for n in (1, 2, rng.integer(20, 60)):
        a, b = rng.randn(n).double(), rng.randn(n).double()
        assert_close(submission.dot_loop(a.tolist(), b.tolist()), (a * b).sum().item())
    ints = rng.randint(-9, 10, (7,))
    assert_close(submission.dot_loop(ints.tolist(), ints.tolist()), float((ints * ints).sum()))
    assert_close(submission.dot_loop([], []), 0.0)
    for n, m in [(3, 2), (2, 3), (1, 0), (0, 4)]:
        with raises(ValueError):
            submission.dot_loop([1.5] * n, [2.5] * m)


@check(
    points=2,
    zh="dot_numpy 对任何 dtype 都用 float64 计算：uint8 不溢出，float32 不丢精度。",
    hint="In uint8, 200 * 2 is 144. Convert both to float64 before anything is multiplied.",
    hint_zh="在 uint8 里，200 * 2 等于 144。相乘之前先把两者都转换成 float64。",
)
def test_dot_numpy_computes_in_float64(submission, rng):
    """dot_numpy computes in float64 for every dtype: no overflow in uint8, no loss in float32."""
    n = rng.integer(300, 500)
    bright = rng.randint(100, 256, (2, n)).to(torch.uint8).numpy()
    for a, b in [bright, bright.astype(np.int16), (bright[0], bright[1].astype(np.float32))]:
        expected = float((a.astype(np.int64) * b.astype(np.int64)).sum())
        assert_equal(submission.dot_numpy(a, b), expected)
    a = np.array([1e8, 1.0, -1e8], np.float32)
    assert_equal(submission.dot_numpy(a, np.ones(3, np.float32)), 1.0)
    assert_equal(submission.dot_numpy(np.array([True, True, True]), np.array([True] * 3)), 3.0)


@check(
    points=1,
    zh="dot_numpy 能处理列表、空数组和内存中不连续的数组。",
    hint="np.asarray takes lists and arrays alike; arrays need not lie in one piece.",
    hint_zh="np.asarray 既接受列表也接受数组；数组在内存中不必连续。",
)
def test_dot_numpy_on_lists_and_views(submission, rng):
    """dot_numpy takes lists, arrays of nothing and arrays that are not contiguous."""
    a, b = rng.randn(2, 31, dtype=torch.float64).numpy()
    found = submission.run(dots_of_views, a, b)
    expected = [float(a[::2] @ b[::2]), float(a @ b)]
    assert_close(found, expected, rtol=1e-10, atol=1e-10)  # float32 would be off by more
    assert_equal(submission.dot_numpy(np.zeros(0), []), 0.0)


@check(
    points=1,
    zh="长度不同或不是一维时，dot_numpy 抛出 ValueError，不会广播。",
    hint="One number times many is broadcast without a word: compare the shapes yourself.",
    hint_zh="一个数乘许多数会悄悄广播：形状要自己比较。",
)
def test_dot_numpy_refuses_other_shapes(submission, rng):
    """dot_numpy raises ValueError for different lengths and for arrays that are not 1-d."""
    n = rng.integer(3, 9)
    for one, other in [((n,), (1,)), ((n,), (n + 1,)), ((1,), (n,)), ((n, n), (n, n))]:
        with raises(ValueError):
            submission.dot_numpy(np.ones(one), np.ones(other))
    for one, other in [((n,), (n, 1)), ((2, n), (n,)), ((), ()), ((), (n,)), ((1, n), (n, 1))]:
        with raises(ValueError):
            submission.dot_numpy(np.ones(one), np.ones(other))


@check(
    points=1,
    zh="make_kernel 接受 (行数, 列数)，每次返回新的数组。",
    hint="An int becomes a pair first; then both ways are the same.",
    hint_zh="先把 int 变成一对数，之后两种情况就一样了。",
)
def test_make_kernel_of_other_sizes(submission, rng):
    """make_kernel takes (rows, columns) as well, and gives an array of its own each time."""
    rows = rng.integer(2, 9)
    columns = rows + rng.integer(1, 5)
    sizes = {1: (1, 1), rows: (rows, rows)}
    for n, shape in [*sizes.items(), ((rows, columns),) * 2, ((columns, 1),) * 2]:
        first, second = submission.run(two_kernels, n)
        assert_equal(first, np.ones(shape, np.uint8))
        assert_equal(second, np.ones(shape, np.uint8))


@check(
    points=2,
    zh="不管列的顺序、其他列、引号和中文，read_labels 都原样读取名字和类别。",
    hint="pandas turns 007 into 7 and NA into nothing, unless it is told to read texts: dtype=str.",
    hint_zh="pandas 会把 007 变成 7，把 NA 当作缺失，除非让它按文本读取，例如 dtype=str。",
)
def test_read_labels_of_unkind_tables(submission, rng):
    """read_labels reads names and classes as they stand, in any column, with quotes and Chinese."""
    a, b, c, d, e = words(rng, 5)
    classes = {a: 0, "NA": 1, "3": 2, f"{b}, {c}": 3, "猫": 4, "03": 5, "nan": 6, "True": 7}
    names = [f"{i:03}" for i in rng.permutation(90)[:20].tolist()]
    drawn = [*classes, *(list(classes)[i] for i in rng.randint(0, 8, (12,)).tolist())]
    rows = [
        f'{i},"{label}",{d},{name}\n'
        for i, (label, name) in enumerate(zip(drawn, names, strict=True))
    ]
    found = submission.run(labels_of, f"{e},label,{c} {d},image\n" + "".join(rows))
    assert_equal(found, {name: classes[label] for label, name in zip(drawn, names, strict=True)})
    found = submission.run(labels_of, f"image,{e},label\n{a}.png,1,{b}\n{c}.png,2,{b}\n")
    assert_equal(found, {f"{a}.png": 0, f"{c}.png": 0})
    assert_equal(submission.run(labels_of, "image,label\n"), {})


@check(
    points=2,
    zh="lookup 只看列名和图像名：列的顺序、索引和其他列都不影响，表格保持不变。",
    hint="[0] asks for the row of index 0, .iloc[0] for the first; int() leaves numpy behind.",
    hint_zh="[0] 找索引为 0 的行，.iloc[0] 才是第一行；int() 把 numpy 的数变成 int。",
)
def test_lookup_in_tables_of_every_form(submission, rng):
    """lookup goes by the names alone, whatever columns and index are, and changes nothing."""
    names, labels = words(rng, 6), rng.randint(-9, 99, (6,))
    other = rng.randint(100, 200, (6,)).tolist()
    columns = {"image": names, "label": labels.tolist()}
    index = [int(i) + 3 for i in rng.permutation(6).tolist()]
    asked = [names[i] for i in rng.permutation(6).tolist()]
    expected = [columns["label"][names.index(name)] for name in asked]
    for order in (["label", "image", "size"], ["size", "image", "label"]):
        table = {**columns, "size": other}
        table = {key: table[key] for key in order}
        found, *after = submission.run(look_up_each, table, index, asked)
        assert_equal(found, expected)
        assert_equal(after, [order, index, columns["label"]])


@check(
    points=1,
    zh="没有这个名字的图像时，lookup 抛出 KeyError。",
    hint="A choice without rows is empty; .iloc[0] would raise IndexError there.",
    hint_zh="没有选中任何行时，结果是空的；这时 .iloc[0] 抛出的是 IndexError。",
)
def test_lookup_refuses_unknown_names(submission, rng):
    """lookup raises KeyError when no image has the name."""
    a, b, c = words(rng, 3)
    columns = {"label": [1, 2], "image": [f"{a}.png", f"{b}.png"]}
    for name in (f"{c}.png", a, "", "label", f"{a}.PNG"):
        with raises(KeyError):
            submission.run(look_up_each, columns, [0, 1], [name])


@check(
    points=2,
    zh="progress_sum 只遍历生成器一次，进度条在取第一个元素之前就已出现。",
    hint="Hand the generator itself to tqdm: list(items) would use it up before the bar begins.",
    hint_zh="把生成器本身交给 tqdm：list(items) 会在进度条出现之前就把它用完。",
)
def test_progress_sum_of_a_generator(submission, rng):
    """progress_sum goes through a generator once, and its bar begins before the first item."""
    (desc,), items = words(rng, 1), rng.randint(-50, 50, (rng.integer(11, 30),)).tolist()
    total, early, text = submission.run(sum_a_generator, items, desc)
    assert_equal(total, sum(items))
    assert desc in str(early), "The bar has to begin before the first item is asked for."
    count = f"{len(items)}it"
    assert count in str(text), "The last bar has to show how many items there were."


@check(
    points=1,
    zh="progress_sum 对小数、许多元素和空列表都正确，最后的进度条显示 n/n。",
    hint="Leave the number of items to tqdm; sum goes on from 0.",
    hint_zh="元素个数由 tqdm 自己去问；求和从 0 开始。",
)
def test_progress_sum_of_lists(submission, rng):
    """progress_sum is right for fractions, for many items and for none; the last bar shows n/n."""
    n = rng.integer(200, 400)
    numbers = rng.randn(n).double().tolist()
    total, text = submission.run(sum_plainly, numbers)
    assert_close(total, sum(numbers))
    assert f"{n}/{n}" in str(text), "The last bar has to show the number of all items twice."
    total, _ = submission.run(sum_plainly, [])
    assert_close(total, 0.0)


@check(
    points=3,
    zh="Timer 在 CUDA 设备上两次看钟之前都等待该设备，在其他设备上从不等待。",
    hint="Work that was queued before the block is not the block's, and work queued in it is.",
    hint_zh="块之前排队的工作不算在内，块里排队的工作要算上。",
)
def test_timer_waits_for_cuda_alone(submission):
    """A Timer waits for its CUDA device before both looks at the clock, and for no other device."""
    runs = [
        ("cuda", False, 4.0, 2.0),
        ("cuda:1", False, 1.0, 8.0),
        ("cuda", True, 16.0, 0.0),
        ("cuda:1", True, 0.25, 3.0),
        ("cuda:0", False, 0.0, 1.0),
        (None, False, 0.0, 0.0),
        ("cpu", False, 0.0, 0.0),
        ("cpu", True, 0.0, 0.0),
        ("meta", False, 0.0, 0.0),
    ]
    assert_close(submission.run(time_devices, runs), [within + 0.5 for *_, within in runs])


@check(
    points=2,
    zh="with 块以异常结束时，Timer 照样计时，异常继续向外抛出；同一个 Timer 可以反复使用。",
    hint="__exit__ is called in any case; an exception goes on unless it returns something true.",
    hint_zh="无论如何 __exit__ 都会被调用；只要它不返回真值，异常就继续抛出。",
)
def test_timer_lets_exceptions_pass(submission, rng):
    """A Timer measures blocks that raise and lets the exception pass; it can be used again."""
    lengths = [rng.integer(1, 99) / 4 for _ in range(3)]
    found = submission.run(time_with_an_exception, lengths)
    assert_equal([[told, same] for _, told, same in found], [[str(x), True] for x in lengths])
    assert_close([seconds for seconds, *_ in found], lengths)
    outer, inner = rng.integer(1, 50) / 2, rng.integer(1, 50) / 2
    assert_close(submission.run(time_nested, outer, inner), [outer + inner, inner])


@check(
    points=4,
    zh="许多短向量的点积所用时间与直接调用 numpy 相近，而且结果正确。",
    hint="A loop in Python costs far more than the products: convert, multiply and add as a whole.",
    hint_zh="Python 循环的开销远大于乘法本身：转换、相乘、求和都要整体进行。",
)
def test_dot_numpy_is_quick(timed, rng):
    """Many short sums take about as long as plain calls of numpy, and are right."""
    rows, columns = 64, 1000
    for run in timed:
        a, b = rng.randint(0, 256, (2, rows, columns)).to(torch.uint8)
        answer = run.submission.run(dots_of_rows, a.numpy(), b.numpy())
        run.samples = rows * rows
        assert_tensor(answer, a.double() @ b.double().T)
