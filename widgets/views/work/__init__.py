"""Views of the page *deliveries*."""
