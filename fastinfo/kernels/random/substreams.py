"""Streams of random numbers: each replicate draws from its own, whatever thread it runs in.

A stream is the generator xoshiro256++ (Blackman & Vigna 2021, https://doi.org/10.1145/3460772). Its
state, four uint64, is filled by SplitMix64 from a key of two uint64 and the number of the stream.

What the kernels expect: states are contiguous arrays of four uint64, and keys of two. This is not
checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_LOW = np.uint64(0xFFFFFFFF)


@kernel(inline=True)
def mixed(z):
    """Mix the bits of a number: the output function of SplitMix64."""
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


@kernel
def start(key, number, state):
    """Start the stream with this number under a key."""
    seed = key[0] ^ mixed(key[1] + np.uint64(number) * GOLDEN)
    for k in range(4):
        seed += GOLDEN
        state[k] = mixed(seed)


@kernel(inline=True)
def _turned(x, k):
    return (x << np.uint64(k)) | (x >> np.uint64(64 - k))


@kernel(inline=True)
def next_bits(state):
    """The next 64 random bits."""
    result = _turned(state[0] + state[3], 23) + state[0]
    shifted = state[1] << np.uint64(17)
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = _turned(state[3], 45)
    return result


@kernel(inline=True)
def uniform(state):
    """A random float64 strictly between 0 and 1."""
    return (np.float64(next_bits(state) >> np.uint64(12)) + 0.5) * 2.0**-52


@kernel(inline=True)
def below(state, n):
    """
    A random integer from 0 to ``n - 1``, all equally likely; `n` is at most 2**32.

    Lemire 2019, https://doi.org/10.1145/3230636: the upper half of a product; very rarely, another
    number has to be drawn.
    """
    n = np.uint64(n)
    product = (next_bits(state) >> np.uint64(32)) * n
    if (product & _LOW) < n:
        least = (np.uint64(1 << 32) - n) % n
        while (product & _LOW) < least:
            product = (next_bits(state) >> np.uint64(32)) * n
    return product >> np.uint64(32)
