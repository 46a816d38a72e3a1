"""The information of tables with given margins by chance: sizes, draws, tails."""
