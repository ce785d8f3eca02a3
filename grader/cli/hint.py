"""`grade hint`: help with an exercise, one step at a time."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from grader.cli.language import lang_option, say
from grader.cli.page import Page
from grader.cli.parameters import EXERCISE
from grader.course import ExerciseRef, Hints, find_course, load_hints, public_sentences
from grader.course.progress import Progress, progress_of, record_hint
from grader.errors import UserError
from grader.reports.visible import one_line
from grader.reports.width import wrap
from grader.text import Lang, Text

_WIDTH = 88
_NARROWEST = 20
_SHOWN = 60
"""So many characters of what was typed are repeated in a message."""
_KINDS = (
    Text("a question", "一个问题"),
    Text("the idea", "思路"),
    Text("nearly the line", "差一点就是答案"),
)


@click.command(
    "hint",
    cls=Page,
    params=[
        click.Argument(["exercise"], type=EXERCISE),
        click.Argument(["task"], required=False),
        click.Option(["--again"], is_flag=True, help="Repeat the hints shown so far."),
        lang_option(),
    ],
    short_help="Get a hint: first a question, then the idea, then nearly the line.",
    help="Get the next hint for what did not pass in the last grading. Hints cost no points.",
    usage="grade hint EXERCISE [TASK]",
    examples=[
        ("grade hint 7", "the next hint for what did not pass"),
        ("grade hint 7 corr2d", "the next hint for this function or class"),
        ("grade hint 7 --again", "the hints shown so far"),
    ],
)
def hint(exercise: str, task: str | None, lang: Lang, *, again: bool) -> None:
    """Print one hint and remember it, or print those shown so far."""
    ref = find_course(Path.cwd()).resolve(exercise)
    entries = load_hints(ref)
    progress = progress_of(ref)
    if task is not None:
        entries = (_named(ref, entries, task),)
    if again:
        _repeat(entries, progress, lang, first=f"grade hint {ref.name} {task or ''}".rstrip())
        return
    wanted = entries if task is not None else _wanted(entries, progress)
    if not wanted:
        _say_nothing_to_hint(ref, entries, progress, lang)
        return
    unfinished = [hints for hints in wanted if _shown(hints, progress) < len(hints.steps)]
    _give(ref, (unfinished or wanted)[0], progress, lang)


def _named(ref: ExerciseRef, entries: Sequence[Hints], task: str) -> Hints:
    """Find the hints that a name, or a part of only one, means; UserError with near names."""
    spelled = {hints.name.casefold(): hints for hints in entries}
    exact = {hints.name: hints for hints in entries}
    parts = [hints for name, hints in spelled.items() if task.casefold() in name]
    found = (
        exact.get(task) or spelled.get(task.casefold()) or (parts[0] if len(parts) == 1 else None)
    )
    if found:
        return found
    near = [spelled[name].name for name in difflib.get_close_matches(task.casefold(), spelled)]
    if near:
        en, zh = " or ".join(near), " 或 ".join(near)
        step = Text(f"Did you mean {en}?", f"你要找的是不是 {zh}？")
    else:
        names = [hints.name for hints in entries]
        step = Text(f"There are hints for {', '.join(names)}.", f"有提示的是：{'、'.join(names)}。")
    typed = one_line(task, _SHOWN)
    raise UserError(
        Text(f"{ref.name} has no hints for '{typed}'.", f"{ref.name} 没有关于 {typed} 的提示。"),
        step,
    )


def _wanted(entries: Sequence[Hints], progress: Progress) -> Sequence[Hints]:
    """Choose the hints for what did not pass; all of them while nothing is known."""
    failing = [hints for hints in entries if _not_passed(hints, progress)]
    return entries if not failing and progress.last is None else failing


def _not_passed(hints: Hints, progress: Progress) -> list[str]:
    """List the checks of these hints that did not pass when they ran last."""
    names = {name.partition("[")[0] for name in progress.not_passed}
    return [check for check in hints.checks if check in names]


def _shown(hints: Hints, progress: Progress) -> int:
    return min(progress.hints.get(hints.name, 0), len(hints.steps))


def _give(ref: ExerciseRef, hints: Hints, progress: Progress, lang: Lang) -> None:
    """Show the next step and remember it; after the last one, show that again."""
    shown = _shown(hints, progress)
    is_new = shown < len(hints.steps)
    step = shown + 1 if is_new else shown
    if not is_new:
        say(
            Text(
                f"You have seen every hint for {hints.name}. Here is the last one again.",
                f"{hints.name} 的提示你都看过了，再看一遍最后一条吧。",
            ),
            lang,
        )
    _print_step(hints, step, lang)
    _print_sentence(ref, hints, progress, lang)
    is_kept = not is_new or record_hint(ref, hints.name, step)
    for line in _what_now(ref, hints, step, is_kept=is_kept):
        say(line, lang)


def _print_step(hints: Hints, step: int, lang: Lang) -> None:
    count, kind = len(hints.steps), _KINDS[step - 1]
    head = Text(
        f"{hints.name}, hint {step} of {count}: {kind.en}",
        f"{hints.name}，第 {step} 条提示，共 {count} 条：{kind.zh}",
    )
    click.secho(head[lang], bold=True)
    columns = shutil.get_terminal_size((_WIDTH, 24)).columns
    width = min(max(columns, _NARROWEST), _WIDTH) - 2
    for paragraph in hints.steps[step - 1][lang].splitlines():
        for line in wrap(paragraph, width):
            click.echo(f"  {line}".rstrip())
    click.echo()


def _print_sentence(ref: ExerciseRef, hints: Hints, progress: Progress, lang: Lang) -> None:
    """Say which check is meant, where one did not pass."""
    sentences = public_sentences(ref)
    for check in _not_passed(hints, progress)[:1]:
        if check in sentences:
            said = sentences[check]
            say(Text(f"Not passed last time: {said.en}", f"上次没有通过：{said.zh}"), lang)


def _what_now(ref: ExerciseRef, hints: Hints, step: int, *, is_kept: bool) -> list[Text]:
    """Say what to do after this step."""
    again = f"grade hint {ref.name} {hints.name}"
    lines = [
        Text(f"Try it, then grade again: grade {ref.name}", f"试一试，再评一次：grade {ref.name}")
    ]
    if step < len(hints.steps):
        lines.append(Text(f"Still stuck? The next hint: {again}", f"还是卡住？下一条提示：{again}"))
    else:
        lines += [
            Text(
                f"This was the last hint. All of them again: {again} --again",
                f"这是最后一条提示。从头再看：{again} --again",
            ),
            Text(
                "Does it still not work? Ask your teacher, with what you have tried.",
                "还是不行？带上你试过的办法，去问问老师。",
            ),
        ]
    if not is_kept:
        lines.append(
            Text(
                "Your progress could not be saved in .grade, so the same hint comes next time.",
                "进度没能保存到 .grade，下次看到的还是这一条。",
            )
        )
    return lines


def _repeat(entries: Sequence[Hints], progress: Progress, lang: Lang, *, first: str) -> None:
    """Show every step again that was shown before; `first` is how to see the first one."""
    steps = [(hints, step + 1) for hints in entries for step in range(_shown(hints, progress))]
    for hints, step in steps:
        _print_step(hints, step, lang)
    if not steps:
        say(
            Text(
                f"There is no hint to repeat yet. The first one: {first}",
                f"还没有看过提示，没有可以重复的。第一条：{first}",
            ),
            lang,
        )


def _say_nothing_to_hint(
    ref: ExerciseRef, entries: Sequence[Hints], progress: Progress, lang: Lang
) -> None:
    """Say why no hint was chosen, and how to get one all the same."""
    if progress.not_passed:
        why = Text(
            "There is no hint about what did not pass last time.",
            "上次没通过的检查没有对应的提示。",
        )
    else:
        why = Text("Every public check passed last time.", "上次所有公开检查都通过了。")
    say(why, lang)
    names = ", ".join(hints.name for hints in entries)
    say(
        Text(
            f"For a hint all the same, name one of {names}: "
            f"grade hint {ref.name} {entries[0].name}",
            f"如果还想看提示，请写出名字（{names}）：grade hint {ref.name} {entries[0].name}",
        ),
        lang,
    )
