"""Farms of the zoo: kinds, lives, exports; nothing here knows the engine."""
