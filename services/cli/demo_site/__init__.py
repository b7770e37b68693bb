"""The demonstration's press: invented bodies, their feeds, and a web server on this machine that publishes them.

`texts` reads what they say, `render` (pure) writes feeds and pages, `server` serves them, `watch` looks how far
through the pipeline a text has come.
"""
