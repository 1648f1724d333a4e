"""Views of the page *compare*."""
