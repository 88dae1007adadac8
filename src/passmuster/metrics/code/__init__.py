"""Metrics of code, by running it."""
