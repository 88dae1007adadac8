"""What a judge is worth beside people: agreement, corrected figures, biases, noise, and what is to be said of them."""
