"""Composition root: builds the real adapters for one function each."""
