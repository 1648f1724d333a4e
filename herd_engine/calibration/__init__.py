"""From the records of a herd to distributions and hazards; pure."""
