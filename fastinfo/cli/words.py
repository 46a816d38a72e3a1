"""The words of the command line, as they were given: for pages that say how to repeat them."""

#: After ``fastinfo``.
given: list[str] = []
