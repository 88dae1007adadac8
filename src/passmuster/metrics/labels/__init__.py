"""Metrics whose answers are labels."""
