"""Is it safe to force TLS, and which clients must change first?"""
