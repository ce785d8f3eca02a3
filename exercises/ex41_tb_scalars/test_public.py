"""Public checks of ex41_tb_scalars: the line of the notes, a small log, and a smoothed curve."""

import tempfile
import threading
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from grader.checks import assert_close, assert_equal, check, probe, read_events


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
def files_of_line(student, name, options):
    """Return the files that log_line leaves in a folder that is not there yet."""
    folder = tempfile.mkdtemp()
    student.log_line(f"{folder}/{name}", **options)
    return files_in(student, folder)


@probe
def read_back(student, points):
    """Write points (tag, value, step) with a writer of torch; return those of each tag."""
    folder = tempfile.mkdtemp()
    with SummaryWriter(folder) as writer:
        for tag, value, step in points:
            writer.add_scalar(tag, value, step)
    tags = sorted({tag for tag, _, _ in points})
    return {tag: student.read_scalars(folder, tag) for tag in tags}


@probe
def files_of_log(student, points):
    """Return the files of a ScalarLog that gets points of two or three arguments."""
    folder = tempfile.mkdtemp()
    with student.ScalarLog(folder) as log:
        for point in points:
            log.add(*point)
    return files_in(student, folder)


@probe
def commands(student, settings):
    """Return launch_argv for every setting, and the current folder."""
    return [student.launch_argv(*setting) for setting in settings], str(Path.cwd())


def points_of(files):
    """Return the tags, the steps and the values in the one event file among the files."""
    assert isinstance(files, dict), "a folder with files was expected"
    assert len(files) == 1, f"one event file was expected, and there are {len(files)} files"
    (data,) = files.values()
    events = read_events(data)
    kinds = sorted({event.kind for event in events} - {"scalar"})
    assert not kinds, f"scalars were expected, and there is also: {', '.join(kinds)}"
    return {
        "tags": [event.tag for event in events],
        "steps": [event.step for event in events],
        "values": [event.value for event in events],
    }


def pairs(points):
    """Return points as a list of tuples: a point may have come as a list or as a tuple."""
    assert isinstance(points, list), "a list of points (step, value) was expected"
    return [tuple(point) if isinstance(point, list) else point for point in points]


@check(
    points=1,
    zh='log_line 把 y = 2x 的 100 个点写在标签 "y=2x" 下：步数 0 到 99，最后一个值是 198。',
    hint="add_scalar takes the tag, then the value (the y axis), then the step (the x axis).",
    hint_zh="add_scalar 的参数依次是标签、值（纵轴）、步数（横轴）。",
)
def test_log_line_writes_a_hundred_points(submission):
    """log_line writes y = 2x as 100 points of the tag "y=2x", steps 0 to 99, last value 198."""
    points = points_of(submission.run(files_of_line, "runs", {}))
    assert_equal(points["tags"], ["y=2x"] * 100)
    assert_equal(points["steps"], list(range(100)))
    assert_equal(points["values"], [2.0 * i for i in range(100)])


@check(
    points=1,
    zh="read_scalars 按写入的顺序返回一个标签的各点 (步数, 值)。",
    hint="EventAccumulator: first Reload(), then Scalars(tag); each point has a step and a value.",
    hint_zh="EventAccumulator：先 Reload()，再 Scalars(tag)；每个点都有 step 和 value。",
)
def test_read_scalars_finds_the_points_of_a_tag(submission, rng):
    """read_scalars returns the points (step, value) of a tag in the order of writing."""
    losses, rates = rng.randn(4).tolist(), rng.rand(3).tolist()
    points = [("loss", loss, 10 * i + 5) for i, loss in enumerate(losses)]
    points += [("rate", rate, i) for i, rate in enumerate(rates)]
    expected = {
        "loss": [(step, value) for tag, value, step in points if tag == "loss"],
        "rate": [(step, value) for tag, value, step in points if tag == "rate"],
    }
    found = submission.run(read_back, points)
    assert_equal({tag: pairs(part) for tag, part in found.items()}, expected)


@check(
    points=2,
    zh="不给步数时，ScalarLog 为每个标签各自数 0、1、2……",
    hint="Remember for each tag which step comes next; a dict of the log can do that.",
    hint_zh="为每个标签记住下一个步数；在对象里放一个字典就行。",
)
def test_scalar_log_counts_the_steps_of_each_tag(submission):
    """Without a step a ScalarLog counts 0, 1, 2, ... for each tag by itself."""
    points = [("loss", 2.5), ("loss", 1.5), ("accuracy", 0.25), ("loss", 1.0), ("accuracy", 0.5)]
    found = points_of(submission.run(files_of_log, points))
    assert_equal(found["tags"], ["loss", "loss", "accuracy", "loss", "accuracy"])
    assert_equal(found["steps"], [0, 1, 0, 2, 1])
    assert_equal(found["values"], [2.5, 1.5, 0.25, 1.0, 0.5])


@check(
    points=1,
    zh="launch_argv 给出五个字符串，其中文件夹是绝对路径，端口也是字符串。",
    hint="Path(log_dir).resolve() or os.path.abspath makes the path absolute; then str(port).",
    hint_zh="Path(log_dir).resolve() 或 os.path.abspath 得到绝对路径；端口用 str(port)。",
)
def test_launch_argv_has_an_absolute_path(submission):
    """launch_argv gives five strings, with the absolute path of the folder and the port."""
    (found, other), here = submission.run(commands, [("runs/first",), ("runs", 6007)])
    assert_equal(found, ["tensorboard", "--logdir", f"{here}/runs/first", "--port", "6006"])
    assert_equal(other, ["tensorboard", "--logdir", f"{here}/runs", "--port", "6007"])


@check(
    points=1,
    zh="ema_smooth 以权重 0.6 把 10、2、5 平滑成 10、5、5；权重为 0 时各值不变。",
    hint="s starts with 0, so the k-th s is too small: divide it by 1 - weight**k.",
    hint_zh="s 从 0 开始，所以第 k 个 s 偏小，要除以 1 - weight**k。",
)
def test_ema_smooth_on_three_values(submission):
    """ema_smooth turns 10, 2, 5 into 10, 5, 5 with weight 0.6 and changes nothing with 0."""
    assert_close(submission.ema_smooth([10.0, 2.0, 5.0], 0.6), [10.0, 5.0, 5.0])
    assert_close(submission.ema_smooth([10.0, 2.0, 5.0], 0.0), [10.0, 2.0, 5.0])
    assert_close(submission.ema_smooth([7.0], 0.9), [7.0])
