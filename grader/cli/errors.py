"""The one place where a command that cannot go on ends.

GradeError                 one sentence and the next step       exit 2 or 3
wrong usage                the same                             exit 2
full disk, no permission   the same                             exit 2
Ctrl-C                     "Stopped."                           exit 130
SIGTERM, SIGHUP            nothing, after cleaning up           exit 128 + signal
reader gone (| head)       nothing                              exit 141
anything else              our bug: a log file and its path     exit 3
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import click

from grader.cli.language import from_arguments
from grader.cli.log import write_log
from grader.cli.usage import usage_error
from grader.errors import GradeError, GraderFault, UserError
from grader.text import Lang, Text

_STOPPED = 130
_READER_GONE = 141


def run_guarded(work: Callable[[list[str]], int], arguments: list[str]) -> int:
    """Run a command and return its exit code; whatever goes wrong is told on stderr."""
    try:
        code = _exit_code(work, arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a full disk can still be told
    except KeyboardInterrupt:
        _say(Text("Stopped.", "已停止。")[from_arguments(arguments)])
        return _STOPPED
    except BrokenPipeError as error:
        if not _is_reader_gone():
            return tell_error(error, arguments)
        _discard_output()
        return _READER_GONE
    except Exception as error:  # noqa: BLE001 - the last resort of the whole program
        return tell_error(error, arguments)
    return code


def end_on_signals() -> None:
    """Make SIGTERM and SIGHUP end the command in an orderly way, with every process stopped."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _exit_code(work: Callable[[list[str]], int], arguments: list[str]) -> int:
    try:
        return work(list(arguments))  # a copy: click consumes it
    except click.exceptions.Exit as end:  # --help, --version
        return end.exit_code


def tell_error(error: Exception, arguments: list[str]) -> int:
    """Tell an error and return the exit code it ends with."""
    lang = from_arguments(arguments)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        _say(error.format_message())
        return UserError.exit_code
    told = _as_grade_error(error)
    if isinstance(error, OSError):
        _discard_output()
    _say(told.message[lang])
    if told.next_step:
        _say(told.next_step[lang])
    if isinstance(told, GraderFault):
        _say_log(error, arguments, lang)
    return told.exit_code


def _as_grade_error(error: Exception) -> GradeError:
    if isinstance(error, GradeError):
        return error
    if isinstance(error, click.ClickException):
        return usage_error(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(
            Text("The disk is full.", "磁盘已满。"),
            next_step=Text("Free some space and try again.", "请腾出一些空间后再试。"),
        )
    if isinstance(error, PermissionError) and error.filename:
        return UserError(
            Text(f"You may not open {error.filename}.", f"没有权限打开 {error.filename}。"),
            next_step=Text("Look at who owns it (ls -l).", "请检查它的所有者和权限（ls -l）。"),
        )
    return GraderFault(
        Text(
            "Sorry, the grader itself failed; this is not your fault.",
            "抱歉，评分程序自身出错了，这不是你的问题。",
        )
    )


def _say_log(error: Exception, arguments: list[str], lang: Lang) -> None:
    path = write_log(error, arguments)
    if path:
        _say(
            Text(
                f"The details are in {path}; please send it to your teacher.",
                f"详细信息在 {path}，请把它发给老师。",
            )[lang]
        )


def _say(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # there may be no stderr to speak to
        click.echo(line, err=True)


def _is_reader_gone() -> bool:
    """Whether the pipe that broke is our own output, rather than one to a process of ours."""
    if not hasattr(select, "poll"):
        return True
    output = select.poll()
    output.register(sys.__stdout__ or 1, 0)
    return bool(output.poll(0))


def _discard_output() -> None:
    """Drop what is still buffered, or Python would try to write it again at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
