"""Shared by all packages: checks of input, threads, numba's options, codes, limits."""
