"""Objects from declarations: whatever encodes."""
