"""What lets programs written for torch run here unchanged: the import alias, and the era before 0.4."""
