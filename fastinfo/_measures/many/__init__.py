"""Many variables with one target: their tables measured, and tested, together."""
