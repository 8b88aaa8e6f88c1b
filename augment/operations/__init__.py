"""Sets of operations on single images: a file for each, and the table of them."""
