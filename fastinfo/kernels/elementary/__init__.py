"""Functions of one number (logarithms, exponentials, gamma functions), and memory for kernels."""
