"""What reads a file of each format, whole or part by part."""
