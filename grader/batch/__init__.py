"""Class runs: find what a whole class has handed in, grade it, keep the results."""
