"""The databases of the account, and how RDS says they are configured."""
