"""Views of the page *history*."""
