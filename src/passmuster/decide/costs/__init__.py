"""What a candidate costs: a task, a success and a month, and from which volume another costs less."""
