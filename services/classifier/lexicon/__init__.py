"""The shipped model: terms in three languages, their weights, and what makes of them a verdict with reasons."""
