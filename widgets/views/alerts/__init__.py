"""Views of the page *alerts*."""
