"""Wrong usage of the command line, told in both languages."""

from __future__ import annotations

import click

from grader.errors import UserError
from grader.text import Text


def usage_error(error: click.ClickException) -> UserError:
    """Turn an error of click into a sentence and a next step."""
    message = _message(error)
    context = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        near = error.possibilities[0]
        return UserError(message, Text(f"Did you mean {near}?", f"你是不是想写 {near}？"))
    command = f"{context.command_path.strip()} --help" if context else "grade --help"
    return UserError(
        message,
        next_step=Text(f"`{command}` shows how it is used.", f"运行 `{command}` 查看用法。"),
    )


def _message(error: click.ClickException) -> Text:
    en = error.format_message().rstrip(".") + "."
    if isinstance(error, click.NoSuchOption):
        name = error.option_name
        return Text(f"There is no option {name}.", f"没有选项 {name}。")
    if isinstance(error, click.MissingParameter):
        return Text(f"{_name(error)} is missing.", f"缺少 {_name(error)}。")
    if isinstance(error, click.BadParameter):
        return _bad_value(error, en)
    if isinstance(error, click.BadOptionUsage):
        return Text(en, f"选项 {error.option_name} 的用法不对。")
    return Text(en, "命令写得不对，请检查有没有多写或漏写。")


def _bad_value(error: click.BadParameter, en: str) -> Text:
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        choices = [str(choice) for choice in kind.choices]
        return Text(
            f"{_name(error)} must be one of {', '.join(choices)}.",
            f"{_name(error)} 只能是 {'、'.join(choices)}。",
        )
    return Text(en, f"{_name(error)} 的值不对。")


def _name(error: click.BadParameter) -> str:
    """Name the option or argument as the user writes it."""
    if error.param is None:
        return ""
    if isinstance(error.param, click.Option):
        return error.param.opts[-1]
    return error.param.make_metavar(error.ctx) if error.ctx else str(error.param.name).upper()
