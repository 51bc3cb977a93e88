"""The deployed chain without AWS: `sam deploy` into ministack, RDS and Security Hub of demo."""
