"""The demo: databases in good and bad states, audited before and after one of them changes."""
