"""Coverage-guided targets; see README.md."""
