"""What becomes of a forecast: exports."""
