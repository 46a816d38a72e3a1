"""Series without bins: split into pairs and pasts, and reordered."""
