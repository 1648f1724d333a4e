"""The smallest plan of purchases that keeps a promise, and how surely it does."""
