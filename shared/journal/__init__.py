"""The journal: a small file outside of data folder and database, by which a restored store is recognised.

It holds a generation, which grows before mails leave, and keyed hashes of whom a restored store must not mail any
more. Whoever sends mail keeps one. Decision 0011 says how store and journal go together.
"""
