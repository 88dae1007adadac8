"""Statistics of fewer calls: when looking early is allowed, and what it may end."""
