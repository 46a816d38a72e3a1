"""Entropy and mutual information of counts: corrections, expected values, and random tables."""
