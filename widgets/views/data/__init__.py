"""Views of the page *data*."""
