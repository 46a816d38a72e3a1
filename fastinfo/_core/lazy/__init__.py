"""What is computed or imported when it is first asked for."""
