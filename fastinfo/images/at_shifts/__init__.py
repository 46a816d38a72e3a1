"""Two images at every shift of one over the other: what is counted, and how."""
