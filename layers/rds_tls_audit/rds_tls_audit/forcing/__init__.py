"""Is it safe to force TLS here, or who has to change first? Answered from what was sampled."""
