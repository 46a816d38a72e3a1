"""What the information of tables with given margins is by chance: sizes, draws, tails."""
