"""Which replies may go out unseen: signals of confidence, and thresholds with a guarantee."""
