"""In which language a command speaks: --lang, otherwise the locale."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import cast

import click

from grader.text import LANGS, Lang, Text

_OPTION = "--lang"


def lang_option() -> click.Option:
    """Make the option --lang; its value is never None."""
    return click.Option(
        [_OPTION],
        type=click.Choice(LANGS),
        callback=_chosen,
        help="Language of the messages. Default: your locale.",
    )


def say(text: Text, lang: Lang) -> None:
    """Print one line in the language of the command."""
    click.echo(text[lang])


def from_arguments(arguments: Sequence[str]) -> Lang:
    """Return the language for messages about arguments that may not be understood."""
    for index, argument in enumerate(arguments):
        following = arguments[index + 1] if index + 1 < len(arguments) else ""
        name, _, value = argument.partition("=")
        if name == _OPTION and (value or following) in LANGS:
            return cast("Lang", value or following)
    return from_locale(os.environ)


def from_locale(environment: Mapping[str, str]) -> Lang:
    """Return zh for a Chinese locale, en for any other."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environment.get(variable):
            return "zh" if locale.lower().startswith("zh") else "en"
    return "en"


def _chosen(ctx: click.Context, _param: click.Parameter, value: Lang | None) -> Lang:
    """Take the option of the command, of the group in front of it, or the locale."""
    if value is not None:
        return value
    above = ctx.parent.params.get("lang") if ctx.parent else None
    return cast("Lang", above) if above else from_locale(os.environ)
