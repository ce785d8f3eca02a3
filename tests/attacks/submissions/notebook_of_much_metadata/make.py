"""A notebook with little code and a great many empty objects."""

import json


def build(path):
    """Make the notebook at `path`."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": "def add(a, b): return a + b"}
    metadata = {"much": [{} for _ in range(250_000)]}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [cell]}))
