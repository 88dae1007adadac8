"""A form at the keyboard: one card after the other, each with a few questions. Pure: keys in, screens out."""
