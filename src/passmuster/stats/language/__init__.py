"""The language of a text, by its letters and by frequent words."""
