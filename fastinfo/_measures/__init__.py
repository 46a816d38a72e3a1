"""Information of counts: entropies, corrections, expectations by chance, tests, resampling."""
