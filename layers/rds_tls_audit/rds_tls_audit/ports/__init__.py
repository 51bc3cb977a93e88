"""Interfaces of everything outside the process, which the adapters implement."""
