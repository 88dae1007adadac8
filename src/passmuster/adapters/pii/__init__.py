"""Personal data beyond what has a form: names and places, by an optional extra."""
