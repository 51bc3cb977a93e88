"""Composition root: builds the real adapters of each function."""
