"""Series for estimators without bins: split into pairs and pasts, and reordered."""
