"""The collector: polls the sources of the catalogue, parses what they answer, publishes what is new.

Reads the web and the table `sources`; writes `items.collected` (and its bulk lane), then its memory in the store.
A source that fails is said to fail; the others go on.
"""
