"""What people said of replies, in the forms that others keep it in."""
