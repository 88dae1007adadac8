"""What people say of replies: what is drawn, what waits, and what is taken in."""
