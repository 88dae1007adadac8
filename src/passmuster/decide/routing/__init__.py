"""Routes: the best candidate of each slice, cheap ones first, and whether that is more than luck in choosing."""
