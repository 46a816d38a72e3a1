"""Every kind of column through every door, with the same answer."""
