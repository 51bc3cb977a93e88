"""What changed, as e-mail, JSON and chat."""
