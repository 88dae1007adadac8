"""Metrics that ask a model what it thinks of a reply: rubrics, comparisons, panels."""
