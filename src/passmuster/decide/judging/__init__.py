"""Judges measured like instruments: what people said beside what they say, and what follows for a figure."""
