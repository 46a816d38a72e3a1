"""Distances of neighbours, and the estimates that are made of them."""
