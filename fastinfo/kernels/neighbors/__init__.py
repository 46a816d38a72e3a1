"""Nearest neighbours: distances, counts of neighbours, and the estimates that use them."""
