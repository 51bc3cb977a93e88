"""Patches that close gaps between ministack and AWS, applied in ministack's own process.

They use only the standard library, because ministack has a virtual environment of its own.
"""
