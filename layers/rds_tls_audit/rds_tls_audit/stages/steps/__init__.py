"""Use-case steps that several stages share, or that make a stage's work readable."""
