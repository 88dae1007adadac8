"""Ratings of a project: drawn, shown, taken in and written."""
