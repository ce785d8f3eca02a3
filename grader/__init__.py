"""`grade`: automated grading and exercises for a PyTorch course."""

__version__ = "0.1.0"
