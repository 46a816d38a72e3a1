"""Samples of two images to tables with windows, and to the slopes of what such tables give."""
