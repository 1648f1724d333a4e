"""Policies in a farm's terms, how their alerts live, and the process that watches them."""
