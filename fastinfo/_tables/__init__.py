"""What data is: arrays, tables in memory, sources of other libraries that come in parts."""
