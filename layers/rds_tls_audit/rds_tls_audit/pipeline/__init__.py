"""What the stages pass to each other."""
