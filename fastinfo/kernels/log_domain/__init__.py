"""Sums of exponentials, softmax and its logarithm."""
