"""Candidates that are Python functions."""
