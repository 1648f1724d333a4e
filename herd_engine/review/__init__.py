"""What results mean and what to do about them."""
