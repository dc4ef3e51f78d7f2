"""Messages in three grades: legal, nearly legal, hostile."""

__all__ = ["GRADES"]

GRADES = ("legal", "near_legal", "hostile")
