"""States of the cases, named by their content, and what changed between two."""
