"""Bins: options, number of bins, edges, and the surveys that edges depend on."""
