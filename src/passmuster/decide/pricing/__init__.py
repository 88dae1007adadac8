"""What one trial costs, part by part, before anything is measured over many."""
