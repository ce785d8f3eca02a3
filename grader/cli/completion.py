"""`grade completion`: completion of commands, options and exercise names in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class, shell_complete

from grader.cli.page import Page

VARIABLE = "_GRADE_COMPLETE"
"""The environment variable through which the script asks `grade` for completions."""

_INSTALL = {
    "bash": "grade completion bash > ~/.local/share/bash-completion/completions/grade",
    "zsh": "grade completion zsh > ~/.zsh_grade; echo 'source ~/.zsh_grade' >> ~/.zshrc",
    "fish": "grade completion fish > ~/.config/fish/completions/grade.fish",
}


@click.command(
    "completion",
    cls=Page,
    short_help="Print a script that completes exercise names in your shell.",
    help="Print a script that completes commands, options and exercise names in your shell.",
    usage="grade completion bash|zsh|fish",
    examples=[(command, f"install it for {shell}") for shell, command in _INSTALL.items()],
)
@click.argument("shell", type=click.Choice(list(_INSTALL)))
def completion(shell: str) -> None:
    """Print the script, and at its end how to install it."""
    kind = get_completion_class(shell)
    if kind is None:
        raise LookupError(shell)
    # Not kind.source(): for bash that starts bash to look at its version.
    script = kind(completion, {}, "grade", VARIABLE)
    click.echo(script.source_template % script.source_vars())
    click.echo(f"# To install: {_INSTALL[shell]}")


def answer_shell(command: click.Command, instruction: str) -> int:
    """Answer the script's question, which stands in the environment; return the exit code."""
    return shell_complete(command, {}, "grade", VARIABLE, instruction)
