"""The HTML report: one self-contained page about the posture that a full run found."""
