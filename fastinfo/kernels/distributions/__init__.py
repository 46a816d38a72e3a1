"""Probabilities to entropy, cross-entropy and divergence."""
