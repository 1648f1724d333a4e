"""Every text that people see, in both languages."""
