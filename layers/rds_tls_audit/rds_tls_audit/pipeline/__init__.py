"""Runs, requests, and messages: what the stages pass to each other."""
