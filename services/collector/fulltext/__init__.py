"""The words of an article's page or PDF, for entries of which the feed says little."""
