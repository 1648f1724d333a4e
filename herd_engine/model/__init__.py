"""What is true of a herd: frozen dataclasses, enumerations, pure functions; NumPy only."""
