"""What is graded in every measurement: the reference of one exercise of this course."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXERCISE = "ex07_conv"
REFERENCE = ROOT / "solutions" / EXERCISE / f"{EXERCISE}.py"
STUB = ROOT / "exercises" / EXERCISE / f"{EXERCISE}.py"
SEED = 1
CONV_COURSE = ROOT / "benchmarks" / "conv_course"
"""A course of one assignment with four checks, for whole classes."""
