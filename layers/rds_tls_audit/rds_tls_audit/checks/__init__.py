"""The check framework: evidence of a database, evaluation, accepted risks."""
