"""Interfaces of everything outside the process; the adapters implement them."""
