"""`passmuster rate`: one module per verb."""
