"""Views of the page *overview*."""
