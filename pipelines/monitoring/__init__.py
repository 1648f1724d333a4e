"""Files for those who watch the machine: rules, routes, what is scraped, a dashboard."""
