"""Whole frames, legal, nearly legal and hostile."""
