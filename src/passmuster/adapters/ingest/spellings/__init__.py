"""Times, numbers and signs of feedback, in all the spellings that logs have."""
