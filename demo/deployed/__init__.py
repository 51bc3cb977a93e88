"""The demo of the deployed stack: `sam deploy` into ministack, emulated RDS and Security Hub."""
