"""Pure. Reads plain feeds quickly: RSS 2.0, RSS 1.0 and Atom of the elements that nearly all of them have.

It says of them what feedparser says, at a fifth of its cost, and leaves everything else to it: an element or an
attribute that is not listed here, one that stands twice, markup that is not escaped, what is not well-formed. A
test reads many documents both ways.
"""
