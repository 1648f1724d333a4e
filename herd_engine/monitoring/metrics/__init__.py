"""Numbers for Prometheus: what the store says at a scrape."""
