"""Hidden checks of ex41_tb_scalars: closed files, resumed runs, and curves that are drawn."""

import math
import tempfile
import threading
from pathlib import Path

import torch
from torch.utils.tensorboard import SummaryWriter

from grader.checks import assert_close, assert_equal, check, probe, raises, read_events


@probe
def files_in(student, folder):
    """Return the bytes of every file under a folder, once nothing waits to be written there."""
    for thread in threading.enumerate():
        waiting = getattr(thread, "_queue", None)
        if waiting is not None:
            waiting.join()
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@probe
def files_of_lines(student, settings):
    """Return the files after log_line for every setting (folder, n), all in one place."""
    folder = tempfile.mkdtemp()
    for name, n in settings:
        student.log_line(Path(folder, name), n)
    return files_in(student, folder)


@probe
def threads_after_line(student, n):
    """Return how many threads more there are after log_line than before it."""
    before = threading.active_count()
    student.log_line(tempfile.mkdtemp(), n)
    return threading.active_count() - before


@probe
def broken_training(student, values):
    """Log values, then raise in the with block: what comes out, the files, and the threads."""
    folder = tempfile.mkdtemp()
    before = threading.active_count()
    went_on = False
    try:
        with student.ScalarLog(folder) as log:
            for value in values:
                log.add("loss", value)
            int("a batch that is broken")
    except ValueError:
        went_on = True
    threads = threading.active_count() - before
    return went_on, threads, files_in(student, folder)


@probe
def files_of_logs(student, logs):
    """Return the files of several ScalarLogs, each in a folder of its own, open together."""
    folder = tempfile.mkdtemp()
    opened = [student.ScalarLog(Path(folder, str(i), "log")) for i in range(len(logs))]
    for log, points in zip(opened, logs, strict=True):
        with log as entered:
            for point in points:
                entered.add(*point)
    return files_in(student, folder)


@probe
def files_of_losses(student, weight, inputs):
    """Log the loss of each row of inputs as it comes from a layer; return files and gradient."""
    folder = tempfile.mkdtemp()
    weight = weight.clone().requires_grad_()
    with student.ScalarLog(folder) as log:
        for row in inputs:
            loss = (weight * row).sum()
            log.add("loss", loss)
            loss.backward()
            log.add("loss", (weight * row).sum(0, keepdim=True).float())
    return files_in(student, folder), weight.grad


@probe
def add_after_the_end(student):
    """Add a point after the with block; return what was raised, and the number of files."""
    folder = tempfile.mkdtemp()
    with student.ScalarLog(folder) as log:
        log.add("loss", 1.0)
    raised = False
    try:
        log.add("loss", 0.5)
    except RuntimeError:
        raised = True
    return raised, len(files_in(student, folder))


@probe
def read_resumed(student, runs, others):
    """Write each run with a writer of its own into one folder, others below it; read "loss"."""
    folder = tempfile.mkdtemp()
    for name, points in [("", run) for run in runs] + [("other", others)]:
        with SummaryWriter(Path(folder, name)) as writer:
            for step, value in points:
                writer.add_scalar("loss", value, step)
                writer.add_scalar("other/loss", -value, step)
    return student.read_scalars(Path(folder), "loss")


@probe
def read_what_is_not_there(student, case):
    """Ask read_scalars for something that is not there."""
    folder = tempfile.mkdtemp()
    with SummaryWriter(folder) as writer:
        writer.add_scalar("loss", 1.0, 0)
        writer.add_histogram("weight", torch.ones(3), 0)
        writer.add_scalar("loss", 0.5, 1)
    cases = {
        "folder": (Path(folder, "runs"), "loss"),
        "file": (next(Path(folder).iterdir()), "loss"),
        "tag": (folder, "accuracy"),
        "histogram": (folder, "weight"),
        "empty": (tempfile.mkdtemp(), "loss"),
    }
    return student.read_scalars(*cases[case])


@probe
def commands(student, settings):
    """Return launch_argv for every setting, and the current folder."""
    return [student.launch_argv(*setting) for setting in settings], str(Path.cwd())


@probe
def command_of_a_path(student, name):
    """Return launch_argv for a Path."""
    return student.launch_argv(Path(name))


@probe
def smoothed(student, settings):
    """Return ema_smooth for every setting (values, weight)."""
    return [student.ema_smooth(*setting) for setting in settings]


def points_of(data):
    """Return what an event file holds: (tag, step, value)."""
    events = read_events(data)
    kinds = sorted({event.kind for event in events} - {"scalar"})
    assert not kinds, f"scalars were expected, and there is also: {', '.join(kinds)}"
    return [(event.tag, event.step, event.value) for event in events]


def points_by_folder(files):
    """Return the points of every event file by its folder; there is one file in each."""
    assert isinstance(files, dict), "a folder with files was expected"
    found = {name.rpartition("/")[0]: points_of(data) for name, data in files.items()}
    assert len(found) == len(files), "there is more than one file in a folder"
    return found


def pairs(points):
    """Return points as a list of tuples: a point may have come as a list or as a tuple."""
    assert isinstance(points, list), "a list of points (step, value) was expected"
    return [tuple(point) if isinstance(point, list) else point for point in points]


def weighted_mean(values, weight):
    """Return for each value the mean of all up to it, weight times less for each step back."""
    means = []
    for k in range(1, len(values) + 1):
        weights = [weight ** (k - 1 - i) for i in range(k)]
        total = sum(w * value for w, value in zip(weights, values, strict=False))
        means.append(total / sum(weights))
    return means


def strange_ones(values):
    """Return the places of a list where nan and inf stand, as strings: nan equals nothing."""
    floats = isinstance(values, list) and all(isinstance(value, float) for value in values)
    assert floats, "a list of floats was expected"
    return [f"{i}: {value}" for i, value in enumerate(values) if not math.isfinite(value)]


@check(
    points=1,
    zh="log_line 对任意 n 都写对，文件就在 log_dir 里，需要时先建文件夹；两次运行各有自己的文件。",
    hint="Hand log_dir to SummaryWriter as it is, and loop over range(n).",
    hint_zh="把 log_dir 原样交给 SummaryWriter，循环写 range(n)。",
)
def test_log_line_keeps_runs_apart(submission, rng):
    """log_line writes n points into log_dir itself, and two runs into two folders."""
    n = rng.integer(3, 30)
    files = submission.run(files_of_lines, [("first", n), ("deep/second", 1), ("third", 0)])
    expected = {
        "first": [("y=2x", i, 2.0 * i) for i in range(n)],
        "deep/second": [("y=2x", 0, 0.0)],
        "third": [],
    }
    assert_equal(points_by_folder(files), expected)


@check(
    points=1,
    zh="log_line 返回时，写入器已经关闭。",
    hint="A writer works in a thread of its own until close(); `with` calls close() for you.",
    hint_zh="在 close() 之前，写入器一直占着一个线程；用 `with` 就会自动 close()。",
)
def test_log_line_closes_the_writer(submission):
    """When log_line returns, the writer is closed."""
    assert_equal(submission.run(threads_after_line, 5), 0)


@check(
    points=2,
    zh="with 语句块因异常结束时，异常照常向外传，之前的点都在文件里，写入器也关闭了。",
    hint="__exit__ is called with and without an exception; close in both cases, return nothing.",
    hint_zh="无论有没有异常，__exit__ 都会被调用；两种情况都要关闭，并且什么也不返回。",
)
def test_scalar_log_survives_an_exception(submission, rng):
    """After an exception the log is closed, its points are in the file, and the error goes on."""
    values = rng.randn(5).tolist()
    went_on, threads, files = submission.run(broken_training, values)
    assert_equal(went_on, expected=True)
    assert_equal(threads, 0)
    found = {folder: [point[2] for point in log] for folder, log in points_by_folder(files).items()}
    assert_equal(found, {"": values})


@check(
    points=2,
    zh="给出的步数照原样写入（0 也一样），之后从它接着数；每个日志各数各的。",
    hint="Only None means that no step was given; and the counts belong to one log, not to all.",
    hint_zh="只有 None 才表示没有给步数；计数属于单个日志，不能由所有日志共用。",
)
def test_scalar_log_takes_steps_and_goes_on_from_them(submission, rng):
    """A given step is taken as it is, the count goes on from it, and every log has its own."""
    jump = rng.integer(20, 90)
    logs = [
        [("a", 1.0), ("a", 2.0, jump), ("a", 3.0), ("b", 4.0), ("a", 5.0, 0), ("a", 6.0)],
        [("b", 1.5), ("a", 2.5), ("a", 3.5), ("a", 4.5, 1), ("a", 5.5, None)],
    ]
    steps = [[0, jump, jump + 1, 0, 0, 1], [0, 0, 1, 1, 2]]
    expected = {
        f"{i}/log": [(point[0], step, point[1]) for point, step in zip(log, found, strict=True)]
        for i, (log, found) in enumerate(zip(logs, steps, strict=True))
    }
    assert_equal(points_by_folder(submission.run(files_of_logs, logs)), expected)


@check(
    points=1,
    zh="ScalarLog 也接受只有一个元素的张量，包括带梯度的损失；之后照常可以 backward()。",
    hint="add_scalar takes such a tensor as it is; .numpy() fails where a gradient is required.",
    hint_zh="add_scalar 可以直接接受这样的张量；要求梯度的张量不能调用 .numpy()。",
)
def test_scalar_log_takes_a_loss_with_its_graph(submission, rng):
    """A ScalarLog takes tensors with one element, also a loss that is to go backward."""
    weight, inputs = rng.randn(4, dtype=torch.float64), rng.randn(3, 4, dtype=torch.float64)
    files, gradient = submission.run(files_of_losses, weight, inputs)
    found = {folder: [point[2] for point in log] for folder, log in points_by_folder(files).items()}
    assert_close(found, {"": (inputs @ weight).repeat_interleave(2).tolist()})
    assert_close(gradient.tolist(), inputs.sum(0).tolist())


@check(
    points=1,
    zh="with 语句块结束后，add 抛出 RuntimeError，也不会多出文件。",
    hint="A SummaryWriter that is closed opens another file in silence; remember that you closed.",
    hint_zh="已关闭的 SummaryWriter 会悄悄另开一个文件；要自己记住已经关闭。",
)
def test_scalar_log_takes_nothing_after_its_end(submission):
    """After the with block add raises RuntimeError and makes no file."""
    raised, count = submission.run(add_after_the_end)
    assert_equal(raised, expected=True)
    assert_equal(count, 1)


@check(
    points=2,
    zh="read_scalars 读 log_dir 里的全部事件文件，先旧后新，不读子文件夹。",
    hint="A resumed training adds a second file to the folder; a folder in it is another run.",
    hint_zh="恢复训练会在同一个文件夹里再写一个文件；里面的子文件夹是另一次运行。",
)
def test_read_scalars_of_a_resumed_run(submission, rng):
    """read_scalars reads all event files of the folder in their order, and none below it."""
    runs = [[(i, value) for i, value in enumerate(rng.randn(4).tolist(), s)] for s in (0, 3, 7)]
    found = submission.run(read_resumed, runs, [(50, 1.0), (51, 2.0)])
    assert_equal(pairs(found), [point for run in runs for point in run])


@check(
    points=1,
    zh="没有这个文件夹时 read_scalars 抛出 FileNotFoundError，标签下没有标量时抛出 KeyError。",
    hint="Look for the folder yourself; a tag that only a histogram has is no scalar either.",
    hint_zh="文件夹是否存在要自己检查；只有直方图的标签也不算标量。",
)
def test_read_scalars_refuses_what_is_not_there(submission):
    """read_scalars raises FileNotFoundError without the folder and KeyError without scalars."""
    for case in ("folder", "file"):
        with raises(FileNotFoundError):
            submission.run(read_what_is_not_there, case)
    for case in ("tag", "histogram", "empty"):
        with raises(KeyError):
            submission.run(read_what_is_not_there, case)


@check(
    points=1,
    zh="launch_argv 不动绝对路径，也不拆开含空格的路径，并接受 Path。",
    hint="Build the list from five parts; whoever splits one line splits the path as well.",
    hint_zh="直接用五个部分组成列表；把一整行拆开，路径也会被拆开。",
)
def test_launch_argv_of_other_paths(submission, rng):
    """launch_argv leaves absolute paths and spaces alone, and takes a Path."""
    port = rng.integer(6008, 9000)
    settings = [("/courses/logs", port), ("my runs/week 2", port), ("./logs", 0), ("runs", 65535)]
    found, here = submission.run(commands, settings)
    paths = ["/courses/logs", f"{here}/my runs/week 2", f"{here}/logs", f"{here}/runs"]
    expected = [
        ["tensorboard", "--logdir", path, "--port", str(number)]
        for path, (_, number) in zip(paths, settings, strict=True)
    ]
    assert_equal(found, expected)
    assert_equal(submission.run(command_of_a_path, "a b/c")[2], f"{here}/a b/c")


@check(
    points=1,
    zh="端口小于 0 或大于 65535 时，launch_argv 抛出 ValueError。",
    hint="Compare with both ends; 0 and 65535 are still allowed.",
    hint_zh="两端都要比较；0 和 65535 是允许的。",
)
def test_launch_argv_refuses_other_ports(submission):
    """launch_argv raises ValueError for ports below 0 and above 65535."""
    for port in (-1, 65536):
        with raises(ValueError):
            submission.launch_argv("runs", port)


@check(
    points=2,
    zh="对各种曲线和权重，ema_smooth 都与 TensorBoard 的公式一致。",
    hint="The power counts the values so far, from 1: 1 - weight**k, different for each value.",
    hint_zh="指数是到目前为止的个数，从 1 数起：1 - weight**k，每个值都不同。",
)
def test_ema_smooth_on_curves(submission, rng):
    """ema_smooth follows TensorBoard's formula for any curve and weight."""
    lengths = [(1, 0.97), (2, 0.5), (15, 0.6), (40, 0.9), (12, 0.999), (6, 0.0)]
    settings = [((5 + rng.randn(n)).tolist(), weight) for n, weight in lengths]
    settings.append(([], 0.6))
    found = submission.run(smoothed, settings)
    expected = [weighted_mean(values, weight) for values, weight in settings]
    assert_close(found, expected, rtol=1e-6, atol=1e-6)


@check(
    points=2,
    zh="曲线中的 nan 和 inf 原样保留，其余各点的平滑不受影响。",
    hint="Ask math.isfinite(value) before s and k move.",
    hint_zh="先用 math.isfinite(value) 判断，再更新 s 和 k。",
)
def test_ema_smooth_passes_over_what_is_not_finite(submission, rng):
    """nan and inf stay in the smoothed curve as they are and do not disturb its other points."""
    values = (3 + rng.randn(9)).tolist()
    clean = weighted_mean(values, 0.8)
    for place, strange in [(0, float("nan")), (4, float("inf")), (5, float("-inf"))]:
        values.insert(place, strange)
        clean.insert(place, strange)
    (found,) = submission.run(smoothed, [(values, 0.8)])
    assert_equal(strange_ones(found), strange_ones(clean))
    finite = [value for value in clean if math.isfinite(value)]
    assert_close([value for value in found if math.isfinite(value)], finite, rtol=1e-6, atol=1e-6)


@check(
    points=1,
    zh="权重不在 [0, 1) 内时，ema_smooth 抛出 ValueError。",
    hint="With weight 1 nothing would ever move: 0 <= weight < 1, or raise.",
    hint_zh="权重为 1 时永远不动：必须 0 <= weight < 1，否则抛出异常。",
)
def test_ema_smooth_refuses_other_weights(submission):
    """ema_smooth raises ValueError for weights outside [0, 1)."""
    for weight in (-0.1, 1.0, 1.5):
        with raises(ValueError):
            submission.ema_smooth([1.0, 2.0], weight)
