"""From numbers and verdicts to what a person reads."""
