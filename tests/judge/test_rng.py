"""Seeds and random inputs are repeatable, distinct and of the promised kind."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.rng import Rng, check_seed

# The time of one example says nothing about right or wrong.
many = settings(deadline=None, max_examples=50)

SEEDS = st.integers(0, 2**63 - 1)


def draws(seed: int) -> list[torch.Tensor | int]:
    """One draw of each kind."""
    rng = Rng(seed)
    return [
        rng.randn(3, 4),
        rng.rand(5),
        rng.randint(-3, 9, (2, 6)),
        rng.permutation(7),
        rng.integer(0, 1000),
        rng.seed(),
    ]


@many
@given(st.integers(), st.text(alphabet="abc_", max_size=20), st.binary(max_size=64))
def test_check_seed_has_63_bits_and_repeats(run_seed: int, name: str, key: bytes) -> None:
    """The seed of a check is a function of its three values and fits an int64."""
    seed = check_seed(run_seed, name, key)

    assert 0 <= seed < 2**63
    assert seed == check_seed(run_seed, name, key)


def test_check_seed_is_pinned() -> None:
    """A recorded run seed gives the same inputs in every version of the product."""
    assert check_seed(2024, "test_shape", b"secret") == 3748046960141383522


def test_check_seed_depends_on_each_value() -> None:
    """Another run, another check or another key means another seed."""
    seeds = {
        check_seed(1, "test_a", b"key"),
        check_seed(2, "test_a", b"key"),
        check_seed(1, "test_b", b"key"),
        check_seed(1, "test_a", b"yek"),
        check_seed(1, "test_a", b""),
        check_seed(11, "test_a", b""),
    }

    assert len(seeds) == 6


@many
@given(SEEDS)
def test_draws_repeat_for_a_seed(seed: int) -> None:
    """The same seed gives the same draws, whatever others draw in between."""
    first = draws(seed)
    torch.rand(3)

    assert str(first) == str(draws(seed))


def test_draws_use_all_bits_of_the_seed() -> None:
    """Seeds that differ above their lowest 32 bits, all that torch uses, give other values."""
    assert not torch.equal(Rng(5).randn(8), Rng(5 + 2**32).randn(8))


def test_draws_do_not_continue_one_stream() -> None:
    """Values of one draw do not reveal those of the next: no draw goes on where another ended."""
    generator = torch.Generator().manual_seed(int(1e9))
    together = torch.rand(2000, generator=generator)
    rng = Rng(3)
    first, second = rng.rand(1000), rng.rand(1000)

    assert not torch.equal(first, second)
    assert not torch.equal(Rng(3).rand(2000)[1000:], second)
    assert not torch.equal(together[1000:], second)


def test_draws_leave_the_global_generator_alone() -> None:
    """A check's inputs do not depend on torch.manual_seed and do not disturb it."""
    before = torch.random.get_rng_state()
    draws(1)

    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("kind", ["randn", "rand"])
def test_float64_values_use_all_their_bits(kind: str) -> None:
    """float64 inputs are no float32 values in a wider type."""
    values = getattr(Rng(1), kind)(100, dtype=torch.float64)

    assert values.dtype is torch.float64
    assert (values.to(torch.float32).to(torch.float64) != values).sum() > 90


@many
@given(SEEDS, st.integers(-50, 50), st.integers(1, 50))
def test_whole_numbers_stay_in_their_range(seed: int, low: int, width: int) -> None:
    """The upper bound is exclusive, the type is int64 or int."""
    rng = Rng(seed)
    values = rng.randint(low, low + width, (3, 5))
    number = rng.integer(low, low + width)

    assert values.dtype is torch.int64
    assert values.shape == (3, 5)
    assert low <= int(values.min()) <= int(values.max()) < low + width
    assert type(number) is int
    assert low <= number < low + width


@many
@given(SEEDS, st.integers(0, 40))
def test_permutation_holds_each_number_once(seed: int, n: int) -> None:
    """A permutation of n sorts to 0 ... n-1."""
    assert Rng(seed).permutation(n).sort().values.tolist() == list(range(n))


def test_distributions_are_the_promised_ones() -> None:
    """Normal values have mean 0 and deviation 1, uniform ones fill [0, 1)."""
    rng = Rng(12)
    normal, uniform = rng.randn(20_000), rng.rand(20_000)

    assert abs(float(normal.mean())) < 0.05
    assert abs(float(normal.std()) - 1) < 0.05
    assert 0 <= float(uniform.min()) < 0.01
    assert 0.99 < float(uniform.max()) < 1


def test_seed_suits_every_library() -> None:
    """A seed for a probe has at most 32 bits, and the next one differs."""
    rng = Rng(9)
    seeds = {rng.seed() for _ in range(50)}

    assert len(seeds) == 50
    assert all(type(seed) is int and 0 <= seed < 2**32 for seed in seeds)
