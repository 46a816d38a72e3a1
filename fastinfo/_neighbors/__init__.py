"""Mutual information without bins: distances of neighbours, correlations."""
