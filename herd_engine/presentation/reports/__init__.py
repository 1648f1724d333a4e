"""Reports: what the cells of a report's notebook show."""
