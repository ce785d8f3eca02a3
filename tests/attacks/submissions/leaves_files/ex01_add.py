"""Leaves files wherever programs keep some between two runs, and answers wrongly where it finds them."""

import os
import tempfile
from pathlib import Path

homes = {Path.home(), Path.cwd(), Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")}
caches = (".", ".cache/torch", ".config/matplotlib", ".triton/cache", ".local/lib/python3.11/site-packages")
places = [home / cache / "left_behind.py" for home in homes for cache in caches]
found = [place for place in places if place.exists()]


def add(a, b):
    for place in places:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(f"seen = {a.tolist()}")
            os.chmod(place, 0o777)
        except OSError:
            pass
    return None if found else a + b
