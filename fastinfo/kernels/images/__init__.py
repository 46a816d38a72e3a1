"""Samples of two images to tables with windows, their slopes, and counts at every shift."""
