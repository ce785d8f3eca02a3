"""Whose files are whose: the layouts in which classes hand in.

    a folder for each student          anna/ex07_conv.py, anna/week2/ex07_conv.ipynb, anna.zip
    a classroom clone for each         anna/exercises/ex07_conv/ex07_conv.py
    Canvas, bulk download              meieranna_LATE_4711_98765_ex07_conv.py
    Moodle, bulk download              Anna Meier_4711_assignsubmission_file/ex07_conv.py
    Gradescope, export                 submission_4711/ex07_conv.py, submission_metadata.yml

Canvas's pattern is that of its `submissions.zip`, "name_LATE_user_submission_file", to whose file
a second upload adds "-1"; Moodle's is that of "Download all submissions", with or without folders;
Gradescope's metadata are one YAML mapping by folder, whose keys are Ruby's symbols (":sid").
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import yaml

from grader.batch.collection import Collection, Files, zip_within
from grader.errors import UserError
from grader.submission.intake import Container
from grader.text import Text

_CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>\d+)_(?P<submission>\d+)_(?P<file>[^/]+)"
)
_CANVAS_AGAIN = re.compile(r"-\d+(?=\.[A-Za-z0-9]+$)")
_MOODLE = re.compile(r"(?P<name>[^/]+)_(?P<user>\d+)_assignsubmission_[a-z]+_?(?P<file>[^/]*)")
_GRADESCOPE = "submission_metadata.yml"
_METADATA_BYTES = 64 << 20
"""Of Gradescope's metadata: some KiB for each submission, and they come from the site itself."""


@dataclass(frozen=True)
class Person:
    """What a layout says about a student; the roster makes an id of it."""

    label: str
    """Without a roster it is the id."""
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Part:
    """One student's files."""

    person: Person
    place: str
    """Where they lie, for people."""
    open: Callable[[], Container]
    """Look at them; UserError or OSError where that fails."""
    is_late: bool = False
    """Whether the platform that they come from says so."""
    handed_in: dt.datetime | None = None
    """When, with its time zone, where the platform says it."""
    exercise: str = ""
    """The only exercise that they are for, where that is known."""


@dataclass(frozen=True)
class Parts:
    """What a collection falls into, and what of it is nobody's."""

    layout: str
    parts: list[Part]
    nobodys: dict[str, Text] = field(default_factory=dict)
    """Names at the top that belong to no student, with the reason."""


def parts_of(collection: Collection) -> Parts:
    """Recognise the layout, and tell the students' files apart.

    A single folder around everything is looked into, if a platform's files are in it.
    """
    if len(collection.folders) == 1 and not collection.files:
        inner = collection.within(collection.folders[0])
        if tell_apart := _platform_of(inner):
            return tell_apart(inner)
    return (_platform_of(collection) or _folders)(collection)


def _platform_of(collection: Collection) -> Callable[[Collection], Parts] | None:
    if _GRADESCOPE in collection.files:
        return _gradescope
    if any(map(_MOODLE.fullmatch, (*collection.folders, *collection.files))):
        return _moodle
    if any(map(_CANVAS.fullmatch, collection.files)):
        return _canvas
    return None


def _folders(collection: Collection) -> Parts:
    nobodys: dict[str, Text] = {}
    parts = [_folder_part(collection, name, Person(name)) for name in collection.folders]
    for name in collection.files:
        stem, suffix = posixpath.splitext(name)
        if suffix.lower() != ".zip":
            nobodys[name] = _IN_NO_FOLDER
        elif stem in collection.folders:
            nobodys[name] = _UNPACKED
        else:
            parts.append(_zip_part(collection, name, Person(stem)))
    return Parts("folders", parts, nobodys)


def _canvas(collection: Collection) -> Parts:
    people: dict[str, Person] = {}
    files: dict[str, dict[str, str]] = {}
    late: set[str] = set()
    nobodys = dict.fromkeys(collection.folders, _OTHER_NAME)
    for name in collection.files:
        found = _CANVAS.fullmatch(name)
        if not found:
            nobodys[name] = _OTHER_NAME
            continue
        user = found["user"]
        people[user] = Person(user, name=found["name"])
        if found["late"]:
            late.add(user)
        own = _CANVAS_AGAIN.sub("", found["file"])
        files.setdefault(user, {})[_free(own, files.get(user, {}))] = name
    parts = [
        _files_part(collection, files[user], person, is_late=user in late)
        for user, person in people.items()
    ]
    return Parts("canvas", parts, nobodys)


def _moodle(collection: Collection) -> Parts:
    parts: list[Part] = []
    people: dict[str, Person] = {}
    files: dict[str, dict[str, str]] = {}
    nobodys: dict[str, Text] = {}
    for name in (*collection.folders, *collection.files):
        found = _MOODLE.fullmatch(name)
        if not found:
            nobodys[name] = _OTHER_NAME
            continue
        person = Person(found["user"], name=found["name"])
        if name in collection.folders:
            parts.append(_folder_part(collection, name, person))
        else:
            people[person.label] = person
            of_person = files.setdefault(person.label, {})
            of_person[_free(found["file"], of_person)] = name
    parts += [_files_part(collection, files[user], person) for user, person in people.items()]
    return Parts("moodle", parts, nobodys)


def _gradescope(collection: Collection) -> Parts:
    metadata = _metadata(collection)
    parts: list[Part] = []
    nobodys = {name: _OTHER_NAME for name in collection.files if name != _GRADESCOPE}
    for name in collection.folders:
        people = _submitters(metadata.get(name))
        if not people:
            nobodys[name] = Text(
                f"{_GRADESCOPE} says nothing about it", f"{_GRADESCOPE} 里没有它的信息"
            )
        when = _created_at(metadata.get(name))
        # Of a group each member has handed it in.
        parts += [
            replace(_folder_part(collection, name, person), handed_in=when) for person in people
        ]
    return Parts("gradescope", parts, nobodys)


def _metadata(collection: Collection) -> dict[str, object]:
    data = collection.read(_GRADESCOPE, _METADATA_BYTES)
    try:
        read = yaml.load(data, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  safe
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UserError(
            Text(
                f"{_GRADESCOPE} of {collection.place} cannot be read.",
                f"无法读取 {collection.place} 里的 {_GRADESCOPE}。",
            ),
            next_step=Text("Export the submissions again.", "请重新导出作业。"),
        ) from error
    return read if isinstance(read, dict) else {}


def _submitters(entry: object) -> list[Person]:
    submitters = entry.get(":submitters") if isinstance(entry, dict) else None
    people = []
    for each in submitters if isinstance(submitters, list) else []:
        said = {str(key).strip(":"): str(value) for key, value in each.items() if value is not None}
        label = said.get("sid") or said.get("email") or said.get("name")
        if label:
            people.append(Person(label, name=said.get("name", ""), email=said.get("email", "")))
    return people


def _created_at(entry: object) -> dt.datetime | None:
    when = entry.get(":created_at") if isinstance(entry, dict) else None
    if not isinstance(when, dt.datetime):
        return None
    return when if when.tzinfo else when.replace(tzinfo=dt.UTC)  # YAML's times are UTC


def _folder_part(collection: Collection, name: str, person: Person) -> Part:
    return Part(person, f"{collection.place}/{name}", lambda: collection.folder(name))


def _zip_part(collection: Collection, name: str, person: Person) -> Part:
    place = f"{collection.place}/{name}"
    return Part(person, place, lambda: zip_within(collection.read, name, place))


def _files_part(
    collection: Collection, named: dict[str, str], person: Person, *, is_late: bool = False
) -> Part:
    special = {own: kind for own, name in named.items() if (kind := collection.special.get(name))}
    container = Files(named, special, collection.read)
    place = f"{collection.place}/{min(named.values())}"
    return Part(person, place, lambda: container, is_late)


def _free(name: str, taken: dict[str, str]) -> str:
    """A name that is not taken: two files that the platform has renamed stay two."""
    return name if name not in taken else f"{len(taken)}/{name}"


_IN_NO_FOLDER = Text("it lies in no student's folder", "它不在任何学生的文件夹里")
_UNPACKED = Text("there is a folder of the same name", "已有同名的文件夹")
_OTHER_NAME = Text("its name is not one of the platform's", "文件名不符合该平台的格式")
