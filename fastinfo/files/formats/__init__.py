"""Readers of each file format, of whole files or part by part."""
