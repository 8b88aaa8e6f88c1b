"""Networks: what they are, and how they are built, used and kept."""
