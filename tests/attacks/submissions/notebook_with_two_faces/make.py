"""A notebook that has most keys twice: another reader of JSON may see other cells than Jupyter shows."""

import json

SHOWN, OTHER = "def add(a, b):\n    return a + b", "def add(a, b):\n    return a - b"


def build(path):
    """Make the notebook at `path`."""
    cells = [
        json.dumps([{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}])
        for source in (OTHER, SHOWN)
    ]
    path.write_text(f'{{"nbformat": 3, "cells": {cells[0]}, "nbformat": 4, "nbformat_minor": 4, "metadata": {{}}, "cells": {cells[1]}}}')
