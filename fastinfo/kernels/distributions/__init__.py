"""Entropy, cross-entropy and divergence of probabilities."""
