"""The server of the apps: who may come in, how many at once, and what is said to everybody else."""
