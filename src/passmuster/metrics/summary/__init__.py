"""Metrics of summaries, by claims and key points that are given."""
