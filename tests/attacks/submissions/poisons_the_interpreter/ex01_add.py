"""Plants code that Python would run by itself: site modules, .pth and compiled files; spoils its answers where it can."""

import builtins
import importlib.util
import os
import site
import sys
import sysconfig
from pathlib import Path

BAD = "import builtins; builtins.poisoned = True\n"
NAMES = ("sitecustomize.py", "usercustomize.py", "aaa.pth", "__pycache__/poisoned.pyc")
files = [module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)]
folders = {Path(file).parent for file in [*files, sys.executable] if os.path.isabs(file)} - {Path.cwd()}
paths = [*site.getsitepackages(), site.getusersitepackages(), *sysconfig.get_paths().values()]
folders |= {Path(path) for path in paths if os.path.isabs(path)}  # "~" of a user without a home is here
found = []
for folder in folders:
    for name in NAMES:
        try:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(BAD)
            found.append(str(folder / name))
        except OSError:
            pass
# Beside the submission and in its home it may: the next check's worker must not find that.
was_here = hasattr(builtins, "poisoned")
user = Path.home() / ".local/lib/python3.11/site-packages"
was_here |= user.exists()
user.mkdir(parents=True, exist_ok=True)
(user / "usercustomize.py").write_text(BAD)
cached = Path(importlib.util.cache_from_source(__file__))
was_here |= cached.exists()
cached.parent.mkdir(exist_ok=True)
cached.write_bytes(importlib.util.MAGIC_NUMBER + bytes(12) + b"poison")
if found:
    print(found)


def add(a, b):
    return None if found or was_here else a + b
