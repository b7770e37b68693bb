"""What the shipped model is trained on and judged by. `data/README.md` is the data card."""
