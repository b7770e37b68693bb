"""Texts: markup to plain text, folding, the one analyser, languages. Index, search and alerts all read with it."""
