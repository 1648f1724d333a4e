"""A forecast as JSON, CSV, XLSX and HTML; each format has its own module."""
