"""Bins: the options, how many, between which edges, and what the edges depend on."""
