"""Candidates that are no LLM: what a model must beat."""
