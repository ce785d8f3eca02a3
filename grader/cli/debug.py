"""`grade EXERCISE --debug CHECK`: stop in the student's own code where a public check fails.

Which debugger: pdb, unless another one is at hand. Python's own way to say so is
`sys.breakpointhook`: an editor that debugs this process replaces it, and $PYTHONBREAKPOINT names
another for it to call (debugpy.breakpoint, ipdb.set_trace; 0 for none). pdb gets the traceback.
The hook takes none, so it is called from a frame with the student's file, line and variables.
"""

from __future__ import annotations

import bdb
import difflib
import os
import pdb  # noqa: T100  the point of this file
import secrets
import sys
from pathlib import Path
from types import TracebackType

import click

from grader.cli.grading import Asked, read
from grader.cli.language import say
from grader.course import ExerciseRef
from grader.errors import GraderFault, UserError
from grader.judge.debugging import Debugged, Stop, debugged, matching
from grader.judge.verdicts import Verdict
from grader.reports import explain
from grader.text import Lang, Text

_NOT_PASSED = 1


def debug(ref: ExerciseRef, path: Path, check: str, asked: Asked, *, has_reports: bool) -> int:
    """Run the check and return the exit code: 0 passed, 1 not."""
    if has_reports or asked.style or asked.select:
        raise UserError(
            Text(
                "--debug runs one check and makes no report.",
                "--debug 只运行一项检查，不生成报告。",
            ),
            Text("Leave out --report, --format and -k.", "请去掉 --report、--format 和 -k。"),
        )
    exercise, submission = read(ref, path)
    seed = secrets.randbits(62) if asked.seed is None else asked.seed
    say(
        Text(
            "Your code runs in this process, without a sandbox or time limits; nothing is graded "
            f"or recorded. Seed: {seed}",
            f"你的代码直接在当前进程中运行，没有沙箱和时间限制；不评分，也不记录。种子：{seed}",
        ),
        asked.lang,
    )
    with debugged(exercise, submission, path, check, device=asked.device, seed=seed) as found:
        _require_run(found, check, ref)
        if found.verdict is Verdict.PASSED:
            say(
                Text(
                    f"{found.name} passes: there is nothing to debug.",
                    f"{found.name} 已通过，没有需要调试的。",
                ),
                asked.lang,
            )
            return 0
        if not isinstance(found.error, bdb.BdbQuit):  # at a breakpoint of the student's own
            _show(found, asked.lang)
    return _NOT_PASSED


def _require_run(found: Debugged, check: str, ref: ExerciseRef) -> None:
    """Refuse a word that means no check or several, and a check that failed by itself."""
    if found.broken:
        raise GraderFault(
            Text(
                f"A check file cannot be loaded:\n{found.broken}",
                f"检查文件无法加载：\n{found.broken}",
            )
        )
    if not found.name:
        raise _not_one(check, found.names, ref)
    if found.verdict is Verdict.GRADER_ERROR:
        raise GraderFault(
            Text(
                f"{found.name} itself fails, before it has an answer of your code.",
                f"{found.name} 自身出错，还没有得到你的代码的结果。",
            )
        ) from RuntimeError(str(found.causes[0].data.get("text")))


def _not_one(check: str, names: list[str], ref: ExerciseRef) -> UserError:
    if meant := matching(check, names):
        return UserError(
            Text(
                f"{check} is part of the names of {len(meant)} checks.",
                f"有 {len(meant)} 项检查的名字包含 {check}。",
            ),
            Text(f"Write one of: {', '.join(meant)}.", f"请写出其中一个：{'、'.join(meant)}。"),
        )
    near = difflib.get_close_matches(check, names, n=3, cutoff=0.6)
    listed = near or names
    return UserError(
        Text(
            f"{ref.name} has no public check {check}; hidden checks cannot be debugged.",
            f"{ref.name} 没有公开检查 {check}；隐藏检查无法调试。",
        ),
        Text(
            f"Did you mean {' or '.join(near)}?" if near else f"Write one of: {', '.join(listed)}.",
            f"是不是 {' 或 '.join(near)}？" if near else f"请写出其中一个：{'、'.join(listed)}。",
        ),
    )


def _show(found: Debugged, lang: Lang) -> None:
    """Say what is wrong and where, then open the debugger there."""
    sentence = found.info.sentence[lang] if found.info else ""
    click.echo(f"{found.name}: {sentence}")
    for cause in found.causes:
        click.echo(f"  - {explain(cause, lang)}")
    if not found.stop:
        say(
            Text(
                "There is nowhere to stop: the check called none of your functions.",
                "没有可以停下的地方：这项检查没有调用到你的函数。",
            ),
            lang,
        )
        return
    say(_place(found.stop), lang)
    _open(found.stop, lang)


def _place(stop: Stop) -> Text:
    name = stop.frame.f_code.co_qualname
    if stop.is_return:
        return Text(f"Stopped at the end of {name}, as it returned.", f"停在 {name} 返回的地方。")
    return Text(f"Stopped in {name}, where the error occurred.", f"停在 {name} 出错的地方。")


def _open(stop: Stop, lang: Lang) -> None:
    named = os.environ.get("PYTHONBREAKPOINT", "")
    if sys.breakpointhook is not sys.__breakpointhook__ or named not in ("", "pdb.set_trace"):
        _call_hook(stop.trace)
        return
    say(
        Text(
            "`p NAME` shows a variable, `l` the code, `u` and `d` go to its callers and back, "
            "`q` ends.",
            "`p 名字` 显示变量，`l` 显示代码，`u`、`d` 在调用者之间移动，`q` 结束。",
        ),
        lang,
    )
    pdb.post_mortem(stop.trace)


def _call_hook(trace: TracebackType) -> None:
    """Call the hook from a frame that looks like the student's, at the line of the traceback."""
    while trace.tb_next:
        trace = trace.tb_next
    frame = trace.tb_frame
    code = compile("\n" * (trace.tb_lineno - 1) + "__stop__()", frame.f_code.co_filename, "exec")
    names = {**frame.f_globals, "__stop__": sys.breakpointhook}
    exec(code.replace(co_name=frame.f_code.co_name), names, dict(frame.f_locals))  # noqa: S102  ours
