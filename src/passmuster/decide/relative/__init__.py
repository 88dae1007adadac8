"""Bars relative to the incumbent: not worse than it by more than a margin, tested on the same cases."""
