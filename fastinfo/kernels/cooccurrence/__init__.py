"""Kernels of co-occurrence: how strongly the row and the column of each cell go together."""
