"""Counts to information: entropies, corrections, expectations by chance, tests, resampling."""
