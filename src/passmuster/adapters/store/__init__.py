"""Where trials and runs are kept."""
