"""Archivist: writes classified items into the archive, groups them into stories, publishes their current state."""
