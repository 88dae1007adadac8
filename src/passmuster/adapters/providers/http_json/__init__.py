"""Candidates behind any endpoint that takes JSON and answers with JSON."""
