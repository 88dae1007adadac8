"""Personal data: the key of pseudonyms, and a model that finds names. Loaded when they are used."""
