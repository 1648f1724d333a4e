"""Expectation and long run by renewal theory, without simulation."""
