"""What results mean: comparisons of runs."""
