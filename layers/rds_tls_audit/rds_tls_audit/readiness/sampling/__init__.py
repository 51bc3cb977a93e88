"""What sampling stored of each database's clients, and what it may have missed."""
