"""Labels to codes: small ranges, hashing, sorting."""
