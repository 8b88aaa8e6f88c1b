"""From list files and images to batches."""
