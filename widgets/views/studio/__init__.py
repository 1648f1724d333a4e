"""Views of the page *studio*."""
