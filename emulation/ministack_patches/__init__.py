"""Closes gaps between ministack and AWS, in ministack's own process: standard library only."""
