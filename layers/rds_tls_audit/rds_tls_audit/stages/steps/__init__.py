"""Steps of the use cases that several stages share, or that make a stage readable."""
