"""The results that the tests of the reports show: three usual ones and one of hostile text."""

from __future__ import annotations

from dataclasses import replace

from grader.judge.results import (
    Cause,
    CheckResult,
    Conditions,
    Datum,
    Frame,
    Repeat,
    RuleResult,
    SubmissionResult,
    Timing,
)
from grader.judge.verdicts import Verdict
from grader.text import Text

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
    "\x1b[2J\x1b]8;;http://evil.example\x07link\x1b]8;;\x07 \x9b31m \u202etxt.exe\u202c "
    "zero\u200bwidth \ud800 \ufffe \x00 [bold red]markup[/] ```\n::set-output name=score::100\n"
    "##[set-env name=PATH;]x ##vso[task.complete]\n| a | b |\n"
    "</pre></details></code>]]> &amp; @everyone **bold** "
    "https://evil.example ![i](https://evil.example/i.png) `code` 中文"
)
"""What a student might print to act on a terminal, a browser, a parser or a CI system."""

CONDITIONS = Conditions(
    seed=1853250137,
    device="cpu",
    tier="full",
    tier_notes=(),
    python="3.11.9",
    torch="2.6.0",
    grade="0.1.0",
)


def cause(kind: str, **data: Datum) -> Cause:
    """A cause with its data as keywords."""
    return Cause(kind, data)


def check(
    name: str,
    en: str,
    zh: str,
    *causes: Cause,
    points: float = 1.0,
    verdict: Verdict = Verdict.PASSED,
    hidden: bool = False,
    hint: Text | None = None,
    output: str = "",
) -> CheckResult:
    """One check of a result, redacted as the judge would do it."""
    result = CheckResult(
        name=name,
        sentence=Text(en, zh),
        points=points,
        verdict=verdict,
        hidden=hidden,
        seconds=0.0625,
        causes=causes,
        hint=hint,
        output=output,
    )
    return result.redacted({"pool2d", "corr2d"})


def submission(
    *checks: CheckResult,
    rules: tuple[RuleResult, ...] = (),
    problem: Cause | None = None,
    public_only: bool = False,
    name: str = "work/ex07_conv.py",
    conditions: Conditions = CONDITIONS,
) -> SubmissionResult:
    """One attempt at the exercise on convolution."""
    return SubmissionResult(
        exercise="ex07_conv",
        title=Text("Convolution", "卷积"),
        submission=name,
        checks=checks,
        rules=rules,
        problem=problem,
        public_only=public_only,
        started_at="2026-03-01T20:15:00+00:00",
        seconds=1.84,
        conditions=conditions,
    )


def _equals(verdict: Verdict = Verdict.PASSED) -> CheckResult:
    return check(
        "test_corr2d_equals_conv2d",
        "`corr2d` equals `F.conv2d` on random non-square inputs and kernels.",
        "在随机的非方形输入和卷积核上，`corr2d` 与 `F.conv2d` 的结果一致。",
        points=2.0,
        verdict=verdict,
    )


def _size(verdict: Verdict = Verdict.PASSED) -> CheckResult:
    return check(
        "test_output_size",
        "`conv_out_size` gives the output size for any stride, padding and dilation.",
        "对任意的步幅、填充和膨胀率，`conv_out_size` 都能给出正确的输出大小。",
        verdict=verdict,
    )


_NO_LOOP = Text("No call of `F.conv2d` in `corr2d`.", "`corr2d` 中不得调用 `F.conv2d`。")


def all_passed() -> SubmissionResult:
    """A student's own run in which every public check passed."""
    rule = RuleResult(_NO_LOOP, penalty=2.0, broken=())
    return submission(_equals(), _size(), rules=(rule,), public_only=True)


def mixed() -> SubmissionResult:
    """Public and hidden checks with most verdicts, a broken rule, advice, and a hostile student."""
    gradient = check(
        "test_gradient_reaches_the_kernel",
        "The kernel receives the gradient of the summed output.",
        "对输出求和再反向传播，卷积核能得到梯度。",
        cause(
            "values",
            index="(0, 1)",
            expected=-1.2345678,
            got=2.5,
            worst=3.7345678,
            tolerance=1.3e-05,
            differing=5,
            total=6,
        ),
        cause("looks_flipped", dims="0, 1"),
        points=2.0,
        verdict=Verdict.FAILED,
        hint=Text(
            "Write into a new tensor with `torch.stack`, not in place.",
            "用 `torch.stack` 拼出新的张量，不要原地写入。",
        ),
        output="shape is torch.Size([7, 6])\n" + HOSTILE,
    )
    crashed = check(
        "test_conv2d_layer",
        "`Conv2D` has a weight and a bias, and adds the bias once.",
        "`Conv2D` 有权重和偏置，且偏置只加一次。",
        Cause(
            "raised",
            {"type": "ValueError", "text": HOSTILE, "line": 31, "function": "Conv2D.forward"},
            (Frame("ex07_conv.py", 31, "Conv2D.forward", f"raise ValueError({HOSTILE!r})"),),
        ),
        verdict=Verdict.CRASHED,
        output="shape is torch.Size([7, 6])\n" + HOSTILE,
    )
    unwritten = check(
        "test_learn_kernel",
        "`learn_kernel` finds the edge kernel (1, -1) from examples.",
        "`learn_kernel` 能从样例中学出边缘检测核 (1, -1)。",
        cause("not_written", function="learn_kernel"),
        points=1.5,
        verdict=Verdict.CRASHED,
    )
    slow = check(
        "test_large_image",
        "A large image takes less than a second.",
        "处理一张大图不超过一秒。",
        cause("timed_out", seconds=10.0, phase="call"),
        hidden=True,
        verdict=Verdict.TIMED_OUT,
    )
    other_shapes = check(
        "test_other_shapes",
        "`corr2d` works for kernels wider than high, and the other way round.",
        "卷积核宽大于高、高大于宽时，`corr2d` 都正确。",
        cause("shape", expected="(5, 3)", got="(3, 5)"),
        cause("looks_transposed"),
        hidden=True,
        points=2.0,
        verdict=Verdict.FAILED,
        hint=Text("Which axis of the kernel is its width?", "卷积核的哪个轴是宽？"),
    )
    excused = check(
        "test_speed_against_loops",
        "It is faster than four Python loops.",
        "比四重 Python 循环快。",
        hidden=True,
        verdict=Verdict.INCONCLUSIVE,
    )
    rules = (
        RuleResult(_NO_LOOP, 2.0, (cause("forbidden_call", call="F.conv2d", line=12),)),
        RuleResult(
            Text("Use `torch.stack` in `corr2d`.", "`corr2d` 中请使用 `torch.stack`。"),
            0.0,
            (cause("required_call", call="torch.stack"),),
        ),
    )
    conditions = Conditions(
        seed=1853250137,
        device="cpu",
        tier="lite",
        tier_notes=(cause("no_user_namespaces", text="EPERM"),),
        python="3.11.9",
        torch="2.6.0",
        grade="0.1.0",
    )
    return submission(
        _equals(), gradient, crashed, unwritten, _size(), slow, other_shapes, excused,
        rules=rules, name="张三/ex07_conv.py", conditions=conditions,
    )  # fmt: skip


def problem() -> SubmissionResult:
    """A file that Python cannot read: no check was run."""
    error = cause(
        "syntax_error",
        file="ex07_conv.py",
        line=12,
        text="Y = torch.zeros((h, w)",
        message="'(' was never closed",
    )
    not_run = Verdict.NOT_RUN
    return submission(_equals(verdict=not_run), _size(verdict=not_run), problem=error)


def raised() -> SubmissionResult:
    """A notebook whose checks end with the same error of PyTorch, told once; one is hidden."""
    text = "mat1 and mat2 shapes cannot be multiplied (2x5 and 3x4)"
    error = Cause(
        "raised",
        {"type": "RuntimeError", "text": text, "cell": 4, "line": 9, "function": "Net.forward"},
        (
            Frame("ex07_conv.py", 3, "predict", "return net(pictures)", cell=6),
            Frame("helpers/shapes.py", 12, "flat", "return function(x.flatten(1))"),
            Frame("ex07_conv.py", 9, "Net.forward", "return self.out(x)", cell=4),
        ),
    )
    crashed = Verdict.CRASHED
    return submission(
        check("test_predict", "One score per class.", "每一类一个得分。", error, verdict=crashed),
        check("test_batches", "It takes any batch.", "批量大小任意。", error, verdict=crashed),
        check("test_one", "It takes one.", "单张也可以。", error, verdict=crashed, hidden=True),
        name="ex07_conv.ipynb",
    )


def timed() -> SubmissionResult:
    """A training task that is right and rather slow, and a growth that is as it should be."""
    limits = ((2.0, 1.0), (5.0, 0.5))
    repeats = tuple(Repeat(64, 0.012 + 0.001 * n, 0.005 - 0.0001 * n) for n in range(8))
    slow = Timing(
        "cpu", "ratio", 3.14, 2.9, 3.4, limits, repeats, 15234.0, 57 << 20,
        {"loading": 0.01, "forward": 0.4, "backward": 0.3, "step": 0.1, "total": 1.0},
        {"SGD": (2.3, 1.1, 0.6, 0.4), "Adam": (2.3, 0.7, 0.3)}, is_implausible=False,
    )  # fmt: skip
    sizes = tuple(Repeat(size, 1e-5 * size, 2e-5 * size) for size in (100, 200, 400))
    straight = Timing(
        "cuda", "growth", 1.02, 0.98, 1.06, ((1.3, 1.0),), sizes, None, None, {}, {},
        is_implausible=True,
    )  # fmt: skip
    trains = check(
        "test_training_is_quick", "Training takes no longer than it has to.", "训练没有多花时间。",
        cause("too_slow", value=3.14, low=2.9, high=3.4, limit=2.0),
        cause("slow_batches", count=1797, expected=29), points=4.0, hidden=True,
    )  # fmt: skip
    grows = check("test_growth", "Twice the data, twice the time.", "数据翻倍，用时翻倍。")
    return submission(replace(grows, timing=straight), replace(trains, share=0.5, timing=slow))


def hostile() -> SubmissionResult:
    """Every field that a student can choose holds hostile text, at the start of a line too."""
    data: dict[str, Datum] = {"type": HOSTILE, "text": HOSTILE, "function": HOSTILE, "line": 3}
    frames = (Frame(HOSTILE, 3, HOSTILE, HOSTILE), Frame("::error::", 1, "", "::error::"))
    first = check(
        "test_hostile", "Safe.", "安全。", Cause("raised", data, frames),
        cause("assertion", text="::error::" + HOSTILE), cause(HOSTILE, text=HOSTILE),
        verdict=Verdict.CRASHED, output="::error::x\n" + HOSTILE + "\n" + HOSTILE,
    )  # fmt: skip
    return submission(first, problem=None, name="::notice::" + HOSTILE)


GOLD = {
    "all_passed": all_passed,
    "mixed": mixed,
    "problem": problem,
    "raised": raised,
    "timed": timed,
}
"""The cases whose reports are kept as gold files."""
