"""Noticing when a submission, or what it is graded by, is saved.

The system's notifications only say when to look. Whether something was saved is seen in the files
themselves, so an editor may write a new file and rename it, or delete the old one first; and where
notifications fail (a network drive, too many watches, a folder that was replaced) a look each
second is enough.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.course import ExerciseRef
from grader.submission.selection import is_skipped

_STEP_MILLISECONDS = 20
"""Quiet for so long, and a save is over: editors write in one go, or rename."""
_LONGEST_SAVE_MILLISECONDS = 500
_LOOK_MILLISECONDS = 1000

_Stamp = tuple[int, int, int]


class Saves:
    """Watches from the moment it is made; leaving the block ends that."""

    def __init__(self, ref: ExerciseRef, path: Path) -> None:
        """Watch the submission at `path` and the files that make up the exercise."""
        self._ref = ref
        self._path = path.absolute()
        self._known = self._look()
        self._has_come = threading.Event()
        self._is_over = threading.Event()
        self._tell: Callable[[], None] = _nobody
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="saves", daemon=True)

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Watch no longer."""
        self._is_over.set()
        self._thread.join()

    def wait(self) -> None:
        """Wait for a save since `forget`; at once if there was one."""
        self._has_come.wait()
        if self._failure:
            raise self._failure

    def forget(self) -> None:
        """Take note of the saves so far: their files are about to be read."""
        self._has_come.clear()

    @contextlib.contextmanager
    def telling(self, tell: Callable[[], None]) -> Iterator[None]:
        """Call `tell`, from another thread, at the next save; at once if there was one."""
        self._tell = tell
        if self._has_come.is_set():
            tell()
        try:
            yield
        finally:
            self._tell = _nobody

    def _run(self) -> None:
        try:
            while not self._is_over.is_set():
                self._follow_notifications()
        except BaseException as error:  # noqa: BLE001  for `wait`, which would wait for ever
            self._failure = error
            self._has_come.set()

    def _follow_notifications(self) -> None:
        """Look at each notification and each second, until a folder is another one."""
        from watchfiles import watch  # noqa: PLC0415  while torch is imported

        folders = self._folders()
        before = [_inode(folder) for folder in folders]
        notifications = watch(
            *folders,
            watch_filter=None,
            debounce=_LONGEST_SAVE_MILLISECONDS,
            step=_STEP_MILLISECONDS,
            rust_timeout=_LOOK_MILLISECONDS,
            yield_on_timeout=True,
            stop_event=self._is_over,
            recursive=self._path.is_dir(),
            ignore_permission_denied=True,
        )
        # WatchfilesRustInternalError is a RuntimeError.
        with contextlib.suppress(OSError, RuntimeError), contextlib.closing(notifications):
            for _ in notifications:
                self._compare()
                if [_inode(folder) for folder in folders] != before:
                    return
            return
        self._is_over.wait(_LOOK_MILLISECONDS / 1000)
        self._compare()

    def _compare(self) -> None:
        """Look at the files; a submission that is gone is still being saved, or will be back."""
        found = self._look()
        if found == self._known or not self._path.exists():
            return
        self._known = found
        self._has_come.set()
        self._tell()

    def _look(self) -> dict[Path, _Stamp]:
        stamps = {file: _stamp(file) for file in self._files()}
        return {file: stamp for file, stamp in stamps.items() if stamp}

    def _files(self) -> Iterator[Path]:
        """Whatever the result depends on."""
        ref = self._ref
        yield from (ref.folder / "exercise.yaml", ref.public_checks, *ref.reference_files)
        if ref.hidden_checks:
            yield ref.hidden_checks
        if not self._path.is_dir():
            yield self._path
            return
        for folder, folders, files in os.walk(self._path):
            folders[:] = [name for name in folders if not is_skipped(name)]
            yield from (Path(folder, name) for name in files if not is_skipped(name))

    def _folders(self) -> list[Path]:
        own = self._path if self._path.is_dir() else self._path.parent
        folders = dict.fromkeys((own, self._ref.folder, self._ref.reference.parent))
        return [folder for folder in folders if folder.is_dir()]


def _nobody() -> None:
    """Nobody wants to hear of a save."""


def _stamp(file: Path) -> _Stamp | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _inode(folder: Path) -> int | None:
    stamp = _stamp(folder)
    return stamp and stamp[0]
