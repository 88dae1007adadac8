"""Leaderboards as a filter, and held against the own task."""
