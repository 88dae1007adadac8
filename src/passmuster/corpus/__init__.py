"""The cases as a body: duplicates, splits, conflicts, versions. Pure."""
