"""The text that duplicates, baselines and reports read of a case's input."""

from passmuster.records.text import input_text

__all__ = ["input_text"]
