"""Counts to entropy and mutual information, with corrections, chance and draws of tables."""
