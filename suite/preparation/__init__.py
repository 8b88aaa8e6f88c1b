"""From class folders to lists."""
