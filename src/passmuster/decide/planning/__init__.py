"""Before money is spent: what a run would show, and how likely it is to come to a decision."""
