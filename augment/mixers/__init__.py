"""Ways of mixing two images: a file for each, and the table of them."""
