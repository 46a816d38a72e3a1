"""Kernels for the tables of many variables with one target: measured together, tested together."""
