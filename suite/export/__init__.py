"""From a trained run to a folder that other programs load."""
