"""From cells to animals: dates, numbers, who is there, what was lost; what nothing proves is asked."""
