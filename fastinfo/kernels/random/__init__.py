"""Random numbers: a stream for each replicate, and the distributions that tables need."""
