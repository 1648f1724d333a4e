"""What is alive, and what troubles it."""
