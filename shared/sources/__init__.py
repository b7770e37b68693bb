"""Sources: what the catalogue says of them, what polling found, and in which state that leaves them."""
