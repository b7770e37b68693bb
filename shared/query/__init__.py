"""The one search grammar: text -> syntax tree -> SQL on both stores, or a verdict on one item.

syntax.py parses and echoes; match.py judges one document; sql.py makes a condition; index.py finds the
subscriptions that an item may concern.
"""
