"""Metrics that compare meanings: a model tells how close two texts are."""
