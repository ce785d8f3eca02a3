"""The judge process of `grade`: a job in, events and a result out, as lines of JSON.

    supervisor -> judge   {"environment": {...}, "grade": {...}} or {..., "examine": {...}},
                          and "is_last": whether the judge shall not wait for another job;
                          {..., "prepare": {...}} before a "grade" has workers started for it
    judge -> supervisor   {"plan": count}, {"check": its JSON} for each, and at last one of
                          {"result": text}, {"examination": {...}}, {"error": {...}},
                          {"fault": {...}}

An error comes again at every try, for the user or the course has to mend it; a fault is our own.

torch and pytest are imported before the job is read: the supervisor reads the exercise and the
submission in the meantime. On Linux this process is a fork of the zygote, which has imported torch.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from grader.errors import GradeError, UserError
from grader.sandbox import libc
from grader.text import Text


def main(control: int, zygote: int | None) -> NoReturn:
    """Serve jobs until the last, or the supervisor goes away, and end the process."""
    if sys.platform == "linux":
        libc.set_parent_death_signal(signal.SIGKILL)
    with socket.socket(fileno=control) as sock, sock.makefile("rw", encoding="utf-8") as stream:
        is_last = True

        def tell(message: dict[str, Any]) -> None:
            stream.write(json.dumps(message) + "\n")
            stream.flush()
            if "result" in message and is_last:
                # The zygote sees us go and ends the sandboxes, all at once.
                os._exit(0)

        try:
            # Importing makes little garbage; looking for it takes a tenth of the time. And pytest
            # looks often: what the imports have made need not be looked at again.
            gc.disable()
            serve = _imported()(zygote)
            gc.freeze()
            gc.enable()
            for line in stream:
                job = json.loads(line)
                is_last = job["is_last"]
                os.environ.update(job["environment"])
                serve(job, tell)
        except GradeError as error:
            tell({"error": _plain(error)})
        except ModuleNotFoundError as error:
            tell({"error": _plain(_not_installed(error))})
        except BaseException as error:  # noqa: BLE001  the supervisor reports it as our own fault
            fault = {"kind": type(error).__name__, "text": str(error)}
            tell({"fault": {**fault, "details": traceback.format_exc()}})
    os._exit(0)


def _imported() -> Callable[[int | None], Callable[[dict[str, Any], Any], None]]:
    """Import torch and what carries out jobs; ImportError, whatever is wrong with them."""
    try:
        from grader.judge.job import server  # noqa: PLC0415  imports torch: failing is an answer
    except ModuleNotFoundError:
        raise
    except Exception as error:
        raise ImportError(f"{type(error).__name__}: {error}") from error
    return server


def _not_installed(error: ModuleNotFoundError) -> UserError:
    return UserError(
        Text(f"Python cannot import what it needs: {error}.", f"缺少必要的模块：{error}。"),
        Text(
            "Install it into this environment: pip install torch torchvision",
            "请把它安装到当前环境：pip install torch torchvision",
        ),
    )


def _plain(error: GradeError) -> dict[str, Any]:
    return {**error.as_data(), "details": traceback.format_exc()}


if __name__ == "__main__":
    main(int(sys.argv[1]), None)
