"""Reports: plan → execute → convert → deliver."""
