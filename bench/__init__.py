"""What the tool costs, in ratios to a baseline of the same run: `make bench`."""
