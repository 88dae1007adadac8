"""From estimates and bars to verdicts and a decision. Pure."""
