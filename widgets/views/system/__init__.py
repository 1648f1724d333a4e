"""Views of the page *system*."""
