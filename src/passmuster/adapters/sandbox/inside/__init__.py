"""What runs inside a sandbox: given to an interpreter as text, so it imports the standard library alone."""
