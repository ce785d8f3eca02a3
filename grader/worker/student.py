"""Importing a submission: the only place in the product that runs one."""

from __future__ import annotations

import difflib
import importlib.util
import sys
from collections.abc import Container, Mapping
from pathlib import Path
from types import ModuleType


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


def place_in_student_code(
    error: BaseException, paths: Container[str]
) -> tuple[int | None, str | None]:
    """The (line, function) of the innermost frame of `error` that lies in one of the files."""
    found: tuple[int | None, str | None] = (None, None)
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in paths:
            found = (trace.tb_lineno, trace.tb_frame.f_code.co_qualname)
        trace = trace.tb_next
    if found[0] is None and isinstance(error, SyntaxError):
        return error.lineno, None
    return found
