"""The formats of other tools: a pure mapper for each, from one value of theirs to records of ours."""
