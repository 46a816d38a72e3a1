"""The matrix of all pairs of columns, with the names of the columns."""
