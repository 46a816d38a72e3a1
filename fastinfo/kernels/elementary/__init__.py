"""Functions of one number: logarithms, exponentials, the gamma family."""
