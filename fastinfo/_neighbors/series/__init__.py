"""Variables without bins, row by row: cut into pairs and pasts, and put into other orders."""
