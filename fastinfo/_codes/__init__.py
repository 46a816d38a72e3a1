"""Codes of samples: columns of any library, levels of labels, and bins of numbers."""
