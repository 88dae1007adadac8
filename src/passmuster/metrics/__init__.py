"""What is measured: a metric maps a case and a reply to a score or a score failure. Pure; never raises."""
