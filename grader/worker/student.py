"""Importing a submission: the only place in the product that runs one."""

from __future__ import annotations

import difflib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from grader.wire.limits import MAX_FRAMES, MAX_NAME
from grader.wire.messages import clipped


class MissingNameError(Exception):
    """A probe asked for a name that the submission does not define."""

    def __init__(self, name: str, near: list[str]) -> None:
        super().__init__(name)
        self.name = name
        self.near = near


class Student:
    """The names of an imported submission, as a probe sees them."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> object:
        try:
            return getattr(self._module, name)
        except AttributeError:
            known = [own for own in vars(self._module) if not own.startswith("_")]
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
            raise MissingNameError(name, near) from None


def import_submission(files: Mapping[str, bytes], entry: str) -> Student:
    """Write the files to the scratch folder and import `entry`; raises whatever it raises.

    The scratch folder comes last on the path: a submission's own `random.py` shadows nothing.
    """
    folder = Path.cwd()
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    path = folder / entry
    sys.path.append(str(path.parent))
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{entry} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return Student(module)


def frames_in_student_code(
    error: BaseException, names: Mapping[str, str]
) -> list[tuple[str, int, str]]:
    """The last frames of `error` in the student's files, outermost first: (file, line, function).

    `names` has the files' names by their paths. A place that a recursion comes back to is told
    once, or it would leave no room for how the recursion was reached.
    """
    places: dict[tuple[str, int, str], None] = {}
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename in names and trace.tb_lineno:
            place = names[code.co_filename], trace.tb_lineno, clipped(code.co_qualname, MAX_NAME)
            places.pop(place, None)
            places[place] = None
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.lineno and (error.filename or "") in names:
        places[names[error.filename or ""], error.lineno, ""] = None
    return list(places)[-MAX_FRAMES:]
