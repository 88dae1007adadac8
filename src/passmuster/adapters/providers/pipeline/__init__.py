"""Candidates that are whole pipelines or agents, with the model calls that they make on the way."""
