"""Right seals, whatever is inside."""
