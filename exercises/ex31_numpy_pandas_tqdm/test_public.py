"""Public checks of ex31_numpy_pandas_tqdm: small arrays, a small table, a bar and a clock."""

import io
import time
from pathlib import Path

import numpy as np
import pandas as pd

from grader.checks import assert_close, assert_equal, check, probe

TABLE = "image,label\n0.png,cat\n1.png,dog\n2.png,cat\n3.png,bird\n"


@probe
def labels_of(student, text):
    """Return read_labels of a file with this text."""
    Path("labels.csv").write_text(text, "utf-8")
    return student.read_labels("labels.csv")


@probe
def look_up(student, columns, name):
    """Return lookup of a name in a table of these columns."""
    return student.lookup(pd.DataFrame(columns), name)


@probe
def sum_with_bar(student, items, desc):
    """Return progress_sum of the items, and all that was written to the file."""
    file = io.StringIO()
    return student.progress_sum(items, file, desc), file.getvalue()


@probe
def set_clock(student, clock):
    """Make time.perf_counter show clock[0], also where the file imported it by name."""

    def perf_counter():
        return clock[0]

    known = getattr(student.Timer.__enter__, "__globals__", {})
    for name in [name for name, value in known.items() if value is time.perf_counter]:
        known[name] = perf_counter
    time.perf_counter = perf_counter


@probe
def time_work(student, before, lengths):
    """Return seconds before and after a block of each length, on a clock that stands otherwise."""
    clock = [before]
    set_clock(student, clock)
    timer = student.Timer()
    measured = [timer.seconds]
    for length in lengths:
        with student.Timer() as timer:
            clock[0] += length
        clock[0] += 50.0
        measured.append(timer.seconds)
    return measured


@check(
    points=1,
    zh="dot_loop 把对应的数相乘再相加：[1, 2, 3] 与 [4, 5, 6] 得 32。",
    hint="Begin with 0 and add one product after another; zip goes through both lists at once.",
    hint_zh="从 0 开始，把乘积一个个加上去；zip 可以同时遍历两个列表。",
)
def test_dot_loop_on_three_numbers(submission):
    """dot_loop multiplies number by number and adds up: [1, 2, 3] and [4, 5, 6] give 32."""
    assert_close(submission.dot_loop([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), 32.0)
    assert_close(submission.dot_loop([0.5], [-3.0]), -1.5)


@check(
    points=1,
    zh="dot_numpy 的结果与循环相同，返回 Python 的 float。",
    hint="np.dot gives a number of numpy; float(...) makes a Python float of it.",
    hint_zh="np.dot 得到的是 numpy 的数；用 float(...) 变成 Python 的 float。",
)
def test_dot_numpy_equals_the_loop(submission, rng):
    """dot_numpy gives what the loop gives, as a Python float."""
    assert_equal(submission.dot_numpy(np.array([1.0, 2, 3]), np.array([4.0, 5, 6])), 32.0)
    a, b = rng.randn(100).double(), rng.randn(100).double()
    assert_close(submission.dot_numpy(a.numpy(), b.numpy()), (a * b).sum().item())


@check(
    points=1,
    zh="make_kernel(5) 是 5 行 5 列全为 1 的数组，dtype 为 uint8。",
    hint="np.ones makes float64 unless it is told the dtype, and needs the shape as one tuple.",
    hint_zh="np.ones 默认得到 float64，要指定 dtype；形状要作为一个元组传入。",
)
def test_make_kernel_of_five(submission):
    """make_kernel(5) is an array of 5 rows and 5 columns of ones, of dtype uint8."""
    assert_equal(submission.make_kernel(5), np.ones((5, 5), np.uint8))


@check(
    points=1,
    zh="read_labels 按首次出现的先后给类别编号：cat 为 0，dog 为 1，bird 为 2。",
    hint="unique() keeps the order of first appearance; then each label is replaced by its number.",
    hint_zh="unique() 保持首次出现的先后；再把每个标签换成它的编号。",
)
def test_read_labels_of_four_images(submission):
    """read_labels numbers the classes as they first appear: cat 0, dog 1, bird 2."""
    expected = {"0.png": 0, "1.png": 1, "2.png": 0, "3.png": 2}
    assert_equal(submission.run(labels_of, TABLE), expected)


@check(
    points=1,
    zh="lookup 返回一张图像的标签，是 Python 的 int。",
    hint="Choose row and column by their names; .iloc[0] takes the one number that is left.",
    hint_zh="按名字选行，按列名选列；再用 .iloc[0] 取出剩下的那个数。",
)
def test_lookup_of_an_image(submission):
    """lookup returns the label of an image as a Python int."""
    columns = {"image": ["0.png", "1.png", "2.png"], "label": [6, 9, 4]}
    assert_equal(submission.run(look_up, columns, "1.png"), 9)
    assert_equal(submission.run(look_up, columns, "2.png"), 4)


@check(
    points=1,
    zh="progress_sum 求出总和，写进文件的进度条含有 desc 和 4/4。",
    hint="tqdm has parameters for both: tqdm(items, desc=..., file=...). Loop over what it gives.",
    hint_zh="tqdm 有这两个参数：tqdm(items, desc=..., file=...)。要遍历的是它返回的对象。",
)
def test_progress_sum_of_four_numbers(submission):
    """progress_sum adds up, and the bar in the file shows desc and 4/4."""
    total, text = submission.run(sum_with_bar, [3, 1, 4, 1], "adding")
    assert_equal(total, 9)
    text = str(text)
    assert "adding" in text, f"The bar has to show desc, {'adding'!r}; the file has {text!r}."
    assert "4/4" in text, f"The last bar has to show 4/4; the file has {text!r}."


@check(
    points=1,
    zh="Timer 的 seconds 起初为 0.0，之后是 with 块从头到尾的秒数。",
    hint="Look at time.perf_counter() in __enter__ and in __exit__, and subtract. Return self.",
    hint_zh="在 __enter__ 和 __exit__ 里各读一次 time.perf_counter()，再相减；记得返回 self。",
)
def test_timer_measures_a_block(submission):
    """seconds of a Timer is 0.0 at first, and then the time that the with block took."""
    measured = submission.run(time_work, 1000.0, [2.5, 0.25])
    assert_close(measured, [0.0, 2.5, 0.25])
