"""What every other package may use: checks of input, threads, options of numba, codes, limits."""
