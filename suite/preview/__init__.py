"""What an augmentation does to images, before a night is spent on it."""
