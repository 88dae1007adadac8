"""One module per verb; each gets what it needs of the outside world as arguments."""
