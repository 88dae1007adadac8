"""What is done with judges: how replies are restated to probe them."""
