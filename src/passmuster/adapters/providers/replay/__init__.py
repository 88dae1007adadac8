"""Candidates that are recordings: what a model once answered."""
