"""Augmentation: what is done to training images."""
