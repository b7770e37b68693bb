"""The classifier: reads collected items, says themes, sovereignty, organisations and why, publishes verdicts.

Stateless: it keeps nothing but the model it loaded at start.
"""
