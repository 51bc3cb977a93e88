"""What runs in the process of ministack, in its environment: standard library only."""
