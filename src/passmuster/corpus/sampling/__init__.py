"""Cases out of traffic: strata, topics, how many of each, and the draw itself."""
