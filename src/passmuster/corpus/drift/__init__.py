"""Whether today's traffic still looks like the corpus."""
