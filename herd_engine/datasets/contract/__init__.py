"""What files may look like and what their words mean, as data: one YAML a profile."""
