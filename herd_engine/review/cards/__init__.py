"""What is expected of each animal, and that the herd's forecast is the sum of it."""
