"""What a corpus is like and what it can show: descriptions, the ladder, what to do next."""
