"""Values and names that are computed or imported when they are first used."""
