"""The databases of the account, and their configuration according to RDS."""
