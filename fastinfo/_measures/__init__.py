"""Counts to information: entropies and their corrections, chance, tests, replicates."""
