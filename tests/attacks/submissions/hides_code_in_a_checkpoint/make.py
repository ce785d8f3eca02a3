"""A folder with code and a checkpoint, which is a pickle that runs code when it is read."""

import pickle

CODE = '''"""Loads a checkpoint that runs code, and sends the judge a pickle that does the same."""

import builtins
import os
import time

import torch


def add(a, b):
    try:
        torch.load("model.pt", weights_only=False)
    except RuntimeError:
        pass  # it is no checkpoint, but that is noticed when its code has run
    if a.shape != b.shape:
        with open("model.pt", "rb") as file:
            data = file.read()
        os.write(3, len(data).to_bytes(4, "big") + data)
        time.sleep(3600)
    return a + b if builtins.loaded else None
'''
PAYLOAD = "import builtins, pathlib; pathlib.Path('loaded').write_text(''); builtins.loaded = True"


class Bomb:
    def __reduce__(self):
        return exec, (PAYLOAD,)


def build(path):
    """Make the folder at `path`."""
    path.mkdir()
    (path / "ex01_add.py").write_text(CODE)
    (path / "model.pt").write_bytes(pickle.dumps(Bomb(), protocol=2))
