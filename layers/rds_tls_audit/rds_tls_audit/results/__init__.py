"""What a batch and a run produced."""
