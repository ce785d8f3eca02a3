"""The help page of a command: what it is for, examples, usage, options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

_WIDTH = 88


class Page(click.Command):
    """A command whose help begins with what it is for and with examples."""

    def __init__(
        self,
        *args: Any,
        usage: str,
        examples: Sequence[tuple[str, str]],
        **settings: Any,
    ) -> None:
        """Take the usage line and the examples, each with what it does."""
        super().__init__(*args, **settings)
        self._usage = usage
        self._examples = examples

    def get_help(self, ctx: click.Context) -> str:
        """Return the page, not wider than lines that are easy to read."""
        formatter = click.HelpFormatter(max_width=_WIDTH)
        self.format_help(ctx, formatter)
        return formatter.getvalue().rstrip("\n")

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the page."""
        formatter.write_text(self.help or "")
        with formatter.section("Examples"):
            formatter.write_dl(list(self._examples), col_max=36)
        with formatter.section("Usage"):
            formatter.write_text(self._usage)
        self.write_more(ctx, formatter)
        write_options("Options", self, ctx, formatter)

    def write_more(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what stands between usage and options; nothing for a plain command."""


def write_commands(group: click.Group, formatter: click.HelpFormatter) -> None:
    """Write the commands of a group, each with what it does."""
    with formatter.section("Commands"):
        formatter.write_dl(
            [(name, command.short_help or "") for name, command in group.commands.items()]
        )


def write_options(
    title: str, command: click.Command, ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    """Write the options of `command`; those that the page's own command has as well are there."""
    is_own = command is ctx.command
    own = {option.name for option in ctx.command.get_params(ctx)}
    options = [
        param
        for param in command.get_params(ctx)
        if isinstance(param, click.Option) and (is_own or param.name not in own)
    ]
    with formatter.section(title):
        formatter.write_dl(
            [record for option in options if (record := option.get_help_record(ctx))]
        )
