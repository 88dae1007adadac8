"""Companions of a judge of quality: what can be counted in a reply, so that a liking for long or fancy texts is seen."""
