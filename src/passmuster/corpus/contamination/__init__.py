"""Whether a candidate has seen the cases before: copies, canaries, completion, rephrasing, novelty."""
