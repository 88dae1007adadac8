"""`passmuster judge`: one module per verb."""
