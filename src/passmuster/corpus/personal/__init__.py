"""Personal data that has a form: found as spans, and replaced by pseudonyms."""
