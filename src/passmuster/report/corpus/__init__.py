"""What a corpus is made of, as pages and tables."""
