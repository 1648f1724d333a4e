"""Views of the page *work*."""
