"""Resources, one module a noun."""
