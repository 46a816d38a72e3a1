"""The matrix of all pairs of columns as people get it: with names."""
