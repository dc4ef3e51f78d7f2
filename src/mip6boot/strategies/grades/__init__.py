"""Messages in three grades: legal, nearly legal, hostile."""
