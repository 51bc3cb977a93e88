"""ASFF findings and their life cycle."""
