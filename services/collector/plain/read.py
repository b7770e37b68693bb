"""Pure. The parser: which elements may stand where, and what of the feed each of them is."""

from collections.abc import Callable, Collection, Mapping
from typing import Final
from xml.parsers import expat

from services.collector.plain.build import ENDINGS, ENDINGS_OF_ATOM, Attributes, Ending, PlainFeed, ignore
from services.collector.plain.vocabulary import (
    ATOM,
    FEED_KEYS,
    FOREIGN,
    IMAGE,
    IN_ENTRY,
    IN_FEED,
    KNOWN,
    LANG,
    LINK,
    PERSON,
    PREFIXES,
    RDF,
    RSS1,
    SPOKEN,
    TELLING,
    TYPED,
    USUAL,
    NotPlain,
)


def read_plain(text: str, url: str) -> PlainFeed:
    """The feed in `text`, at `url`. Raises NotPlain."""
    if url and not url.startswith(("http://", "https://")):
        raise NotPlain("an address of another kind")
    reader = _Reader(url)
    try:
        reader.parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise NotPlain(str(error)) from error
    if not reader.found.entries:
        raise NotPlain("no entries")
    return reader.found


class _Reader:
    """The handlers of the parser. `_inside` are the containers that are open, by their names."""

    def __init__(self, url: str) -> None:
        self.found = PlainFeed(url)
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartNamespaceDeclHandler = self._declared
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._home = ""
        self._inside: list[str] = []
        self._leaf: tuple[Ending, str, Attributes] | None = None
        self._pieces: list[str] = []
        self._names: dict[str, str] = {}
        self._meant: dict[str, str] = {}
        self._prefixes: dict[str, set[str]] = {}

    def _declared(self, prefix: str | None, uri: str | None) -> None:
        if uri is None:
            return
        if prefix and self._meant.setdefault(prefix, uri) != uri:
            raise NotPlain(f"the prefix {prefix} for two names")
        self._prefixes.setdefault(uri, set()).add(prefix or "")
        if prefix in USUAL and prefix != PREFIXES.get(uri):
            raise NotPlain(f"the prefix {prefix} for {uri}")
        if not self._inside and not self.found.version:
            self.found.version = {RSS1: "rss10", ATOM: "atom10"}.get(uri, "")

    def _start(self, name: str, attributes: Attributes) -> None:
        if self._leaf is not None:
            raise NotPlain(f"{name} inside of a text")
        key = self._names.get(name) or self._named(name)
        attributes = {name.lower(): value for name, value in attributes.items()}
        where = self._inside[-1] if self._inside else ""
        _STARTS[where](self, key, attributes)

    def _end(self, _: str) -> None:
        if self._leaf is None:
            if self._inside.pop() == "author of entry" and "name" not in self.found.entry["authors"][-1]:
                raise NotPlain("an author without a name")
            return
        ending, key, attributes = self._leaf
        self._leaf = None
        ending(self.found, key, attributes, "".join(self._pieces))
        self._pieces.clear()

    def _text(self, text: str) -> None:
        if self._leaf is not None:
            self._pieces.append(text)

    def _named(self, name: str) -> str:
        """The element's name as we list it: in lower case, with the usual prefix of its namespace."""
        uri, _, local = name.rpartition(" ")
        if not self._inside:
            self._home = uri if uri != RDF else RSS1
        if uri == self._home:
            key = local.lower()
        elif uri in PREFIXES:
            key = f"{PREFIXES[uri]}:{local.lower()}"
        elif (
            uri
            and not KNOWN.search(uri.lower())
            and TELLING.isdisjoint(prefix.lower() for prefix in self._prefixes.get(uri, ()))
        ):
            key = FOREIGN
        else:
            raise NotPlain(name)
        self._names[name] = key
        return key

    # where elements begin

    def _start_root(self, key: str, attributes: Attributes) -> None:
        found = self.found
        if key == "rss" and not self._home and found.version in ("", "atom10"):
            if set(attributes) != {"version"} or not attributes["version"].startswith("2."):
                raise NotPlain("another RSS")
            found.version = "rss20"
        elif key == "rdf:rdf" and found.version == "rss10" and not attributes:
            pass
        elif key == "feed" and self._home == ATOM and found.version == "atom10" and set(attributes) <= {LANG}:
            found.speak(attributes.get(LANG))
        else:
            raise NotPlain(key)
        self._inside.append(key)

    def _start_in_rss(self, key: str, attributes: Attributes) -> None:
        if key != "channel" or attributes or self.found.feed or self.found.entries:
            raise NotPlain(key)
        self._inside.append(key)

    def _start_in_rdf(self, key: str, attributes: Attributes) -> None:
        if key == "channel" and set(attributes) <= {f"{RDF} about"} and not self.found.entries:
            self._inside.append(key)
        elif key == "item":
            self._begin_entry(attributes)
        elif key == "image":
            self._inside.append(key)
        else:
            raise NotPlain(key)

    def _start_in_feed(self, key: str, attributes: Attributes) -> None:
        atom = self._home == ATOM
        if key == ("entry" if atom else "item") and self._home != RSS1:
            self._begin_entry(attributes)
        elif self.found.entries:
            raise NotPlain(f"{key} behind entries")
        elif key == ("link" if atom else "atom:link"):
            self._begin(PlainFeed.address_of_feed, key, attributes, LINK)
        elif key == "link":
            self._begin(PlainFeed.link_of_feed, key, attributes)
        elif key in FEED_KEYS:
            self._begin(PlainFeed.of_feed, key, attributes, TYPED if atom and key == "title" else ())
        elif key == "id" and atom:
            self._begin(PlainFeed.id_of_feed, key, attributes)
        elif key in IN_FEED:
            self._pass_over(attributes)
        elif key in ("image", "items") or (key == "author" and atom):
            self._inside.append(key)
        else:
            raise NotPlain(key)

    def _start_in_image(self, key: str, attributes: Attributes) -> None:
        self._only(IMAGE, key, attributes)

    def _start_in_items(self, key: str, _: Attributes) -> None:
        if key not in ("rdf:seq", "rdf:li"):
            raise NotPlain(key)
        self._inside.append("items")

    def _start_in_person(self, key: str, attributes: Attributes) -> None:
        self._only(PERSON, key, attributes)

    def _only(self, allowed: frozenset[str], key: str, attributes: Attributes) -> None:
        if key not in allowed or attributes:
            raise NotPlain(key)
        self._pass_over(attributes)

    def _start_in_entry(self, key: str, attributes: Attributes) -> None:
        atom = self._home == ATOM
        if key == ("link" if atom else "atom:link"):
            self._begin(PlainFeed.address, key, attributes, LINK)
        elif key in IN_ENTRY:
            self._pass_over(attributes)
        elif atom and key == "author":
            self._inside.append("author of entry")
            self.found.entry.setdefault("authors", []).append({})
        else:
            allowed = ENDINGS_OF_ATOM if atom else ENDINGS
            if key not in allowed:
                raise NotPlain(key)
            ending, known = allowed[key]
            self._begin(ending, key, attributes, known)

    def _start_in_author(self, key: str, attributes: Attributes) -> None:
        if key == "name":
            self._begin(PlainFeed.name_of_author, key, attributes)
        else:
            self._only(PERSON, key, attributes)

    def _begin_entry(self, attributes: Attributes) -> None:
        self._inside.append("entry")
        self.found.entries.append({})
        if self._home == RSS1 and set(attributes) == {f"{RDF} about"}:
            self.found.entry["id"] = attributes[f"{RDF} about"]
        elif attributes:
            raise NotPlain("an entry with attributes")

    def _begin(self, ending: Ending, key: str, attributes: Attributes, known: Collection[str] = ()) -> None:
        if attributes and not set(attributes) <= set(known):
            raise NotPlain(f"the attributes {', '.join(attributes)}")
        self._leaf = ending, key, attributes

    def _pass_over(self, attributes: Attributes) -> None:
        if attributes and not SPOKEN.isdisjoint(attributes):
            raise NotPlain("a language or a base of its own")
        self._leaf = ignore, "", attributes


_STARTS: Final[Mapping[str, Callable[[_Reader, str, Attributes], None]]] = {
    "": _Reader._start_root,
    "rss": _Reader._start_in_rss,
    "rdf:rdf": _Reader._start_in_rdf,
    "channel": _Reader._start_in_feed,
    "feed": _Reader._start_in_feed,
    "entry": _Reader._start_in_entry,
    "image": _Reader._start_in_image,
    "items": _Reader._start_in_items,
    "author": _Reader._start_in_person,
    "author of entry": _Reader._start_in_author,
}
