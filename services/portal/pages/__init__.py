"""Pages for readers: what was published, who is watched, what comes by mail."""
