"""Looking back: what a source published before it was watched, from its own pages, feeds and sitemaps."""
