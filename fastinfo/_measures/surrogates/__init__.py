"""Variables whose rows come in other orders, and the information that is left."""
