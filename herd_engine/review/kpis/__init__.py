"""Key figures of a herd, each by its written definition."""
