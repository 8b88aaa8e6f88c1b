"""Weights out of files that others have written, read without running anything in them."""
