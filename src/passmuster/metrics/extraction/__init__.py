"""Metrics of what was read out of a text: fields, entities, citations."""
