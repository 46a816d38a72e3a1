"""Mutual information of two images at every shift: codes of the images, two ways to count."""
