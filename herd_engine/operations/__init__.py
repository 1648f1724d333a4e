"""The processes of `herd up`, and what is wrong where something is."""
