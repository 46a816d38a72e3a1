"""Input data: arrays, tables in memory, and sources of other libraries that come in parts."""
