"""Security Hub: findings and their workflow status."""
