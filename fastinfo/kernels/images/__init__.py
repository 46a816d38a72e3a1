"""Kernels for images: Parzen windows and their derivatives, and counts at every shift."""
