"""Fewer calls: who is asked next, who is asked no more and why, and what may be said of one that was stopped."""
