"""Mutual information without bins, from distances of neighbours or from correlations."""
