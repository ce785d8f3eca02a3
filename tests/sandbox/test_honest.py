"""What honest submissions of a PyTorch course do works inside a sandbox."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest

from tests.bench import Bench

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sandboxes are Linux's")

SUBMISSION = '''
import inspect, multiprocessing, os, subprocess, sys, tempfile, threading
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


def square(x):
    """Square a number."""
    return x * x


class Squares(Dataset):
    def __len__(self):
        return 12

    def __getitem__(self, i):
        return torch.tensor([i, i * i])


def pool():
    with multiprocessing.Pool(2) as workers:
        return workers.map(square, range(5))


def loader():
    batches = list(DataLoader(Squares(), batch_size=4, num_workers=2))
    return [len(batches), torch.cat(batches).sum(0).tolist()]


def large_batches():
    data = torch.utils.data.TensorDataset(torch.ones(8, 1 << 20))
    return [float(x.sum()) for x, in DataLoader(data, batch_size=4, num_workers=2)]


def threads():
    found = []
    started = [threading.Thread(target=lambda: found.append(1)) for _ in range(8)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return len(found)


def python():
    code = "import math; print(math.factorial(5))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return [done.returncode, done.stdout, done.stderr]


def files():
    with tempfile.TemporaryDirectory() as folder, open("here.txt", "w") as file:
        path = os.path.join(folder, "model.pt")
        file.write("text")
        torch.save(nn.Linear(2, 2).state_dict(), path)
        return sorted(torch.load(path))


def script():
    @torch.jit.script
    def twice(x):
        return x + x

    return int(twice(torch.tensor(4)))


def source():
    return inspect.getsource(square)


def openmp():
    torch.set_num_threads(2)
    image = torch.randn(8, 3, 64, 64, requires_grad=True)
    nn.Conv2d(3, 16, 3)(image).square().mean().backward()
    return list(image.grad.shape)


def late_imports():
    import asyncio, concurrent.futures, csv, json, torchvision, uuid, zipfile
    return asyncio.run(asyncio.sleep(0, 3))


def random_numbers():
    return len(os.urandom(8)) + len(torch.randn(2))
'''

WORKS = {
    "pool": [0, 1, 4, 9, 16],
    "loader": [3, [66, 506]],
    "large_batches": [4.0 * (1 << 20)] * 2,
    "threads": 8,
    "python": [0, "120\n", ""],
    "files": ["bias", "weight"],
    "script": 8,
    "source": 'def square(x):\n    """Square a number."""\n    return x * x\n',
    "openmp": [8, 3, 64, 64],
    "late_imports": 3,
    "random_numbers": 10,
}


@pytest.mark.parametrize("tier", ["full", "lite", "none"])
@pytest.mark.parametrize("name", WORKS)
@pytest.mark.filterwarnings("ignore")
def test_what_the_course_uses_works(bench: Bench, name: str, tier: str) -> None:
    """Processes, threads, data loaders, files, scripts and sources work in every tier."""
    outcome = bench.run(dedent(SUBMISSION), name, tier=tier)
    assert not outcome.causes, (outcome.causes, outcome.printed.decode()[-1500:])
    assert outcome.value == WORKS[name]
