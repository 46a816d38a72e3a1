"""Random numbers: a stream for each replicate, and the laws that tables need."""
