"""The state table in DynamoDB, one module per kind of item."""
