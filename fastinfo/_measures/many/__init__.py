"""Tables of many variables with one target, measured and tested together."""
