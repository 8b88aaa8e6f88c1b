"""What the commands need: configuration, data, training, judging, comparing, reporting."""
