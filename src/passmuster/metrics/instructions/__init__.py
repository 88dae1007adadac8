"""Metrics of what a reply was told to keep to."""
