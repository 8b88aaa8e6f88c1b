"""From run folders to numbers and verdicts."""
