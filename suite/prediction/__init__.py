"""From trained runs and images without labels to classes with probabilities."""
