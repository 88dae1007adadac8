"""Labels by several annotators: which stand, how far they agree, and what they settle."""
