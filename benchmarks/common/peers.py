"""What answers beside the archive: the same titles and texts, bare, in FTS5, a `tsvector` with GIN, and tantivy.

They split words and no more: no forms, no facets, no counts. A page is the numbers of the newest twenty. In a
folder that is kept they are filled once, the one of PostgreSQL in the schema `bare` of the archive's database.
"""

import shutil
import sqlite3
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, make_url, text

from common.servers import NotHere

Texts = Sequence[tuple[int, str, str]]  # number, title, text
PAGE: Final = 20
_WAYS: Final[Mapping[str, Mapping[str, str]]] = {  # a query of ours in the words of each
    "energie": {"FTS5": "energie", "tsvector": "energie", "tantivy": "energie"},
    "energie netz forschung": {
        "FTS5": "energie netz forschung",
        "tsvector": "energie & netz & forschung",
        "tantivy": "+energie +netz +forschung",
    },
    '"energie netz"': {"FTS5": '"energie netz"', "tsvector": "energie <-> netz", "tantivy": '"energie netz"'},
    "kompetenz*": {"FTS5": "kompetenz*", "tsvector": "kompetenz:*"},
    "seltenwort": {"FTS5": "seltenwort", "tsvector": "seltenwort", "tantivy": "seltenwort"},
    "keintreffer": {"FTS5": "keintreffer", "tsvector": "keintreffer", "tantivy": "keintreffer"},
}


class Peer(ABC):
    """An index of numbered texts."""

    name: str
    is_filled = False

    @abstractmethod
    def add(self, texts: Texts) -> None: ...

    @abstractmethod
    def page(self, query: str) -> Sequence[int]: ...

    @abstractmethod
    def mib(self) -> float: ...

    @abstractmethod
    def ready(self) -> None:
        """Everything was added."""

    @abstractmethod
    def close(self) -> None: ...

    def asked(self, query: str) -> str | None:
        """A query of ours as it is asked here; None where that cannot be."""
        return _WAYS.get(query, {}).get(self.name)


class Fts5(Peer):
    name = "FTS5"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "bare.db"
        self.is_filled = self._path.exists()
        self._database = sqlite3.connect(self._path)
        if not self.is_filled:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("CREATE VIRTUAL TABLE words USING fts5(title, body)")

    def add(self, texts: Texts) -> None:
        with self._database:
            self._database.executemany("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", texts)

    def close(self) -> None:
        self._database.close()

    def ready(self) -> None:
        self._database.execute("PRAGMA wal_checkpoint")

    def page(self, query: str) -> Sequence[int]:
        found = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?"
        return [number for (number,) in self._database.execute(found, (query, PAGE))]

    def mib(self) -> float:
        return self._path.stat().st_size / 2**20


class Vectors(Peer):
    name = "tsvector"

    def __init__(self, url: str) -> None:
        self._engine = create_engine(make_url(url))
        with self._engine.begin() as connection:
            self.is_filled = bool(connection.execute(text("SELECT to_regclass('bare.texts')")).scalar())
            if self.is_filled:
                return
            connection.execute(text("CREATE SCHEMA bare"))
            columns = "id bigint PRIMARY KEY, title text, body text, words tsvector"
            connection.execute(text(f"CREATE TABLE bare.texts ({columns})"))
            connection.execute(text("CREATE INDEX texts_words ON bare.texts USING gin (words)"))

    def add(self, texts: Texts) -> None:
        rows = [{"id": number, "title": title, "body": body} for number, title, body in texts]
        words = "to_tsvector('simple', :title || ' ' || :body)"
        with self._engine.begin() as connection:
            connection.execute(text(f"INSERT INTO bare.texts VALUES (:id, :title, :body, {words})"), rows)

    def close(self) -> None:
        self._engine.dispose()  # the server waits for it

    def ready(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("ANALYZE bare.texts"))

    def page(self, query: str) -> Sequence[int]:
        found = (
            "SELECT id FROM bare.texts WHERE words @@ to_tsquery('simple', :query) ORDER BY id DESC LIMIT :page"
        )
        with self._engine.connect() as connection:
            return connection.execute(text(found), {"query": query, "page": PAGE}).scalars().all()

    def mib(self) -> float:
        with self._engine.connect() as connection:
            size = connection.execute(text("SELECT pg_total_relation_size('bare.texts')")).scalar_one()
        return float(size) / 2**20


class Tantivy(Peer):
    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        try:
            import tantivy
        except ImportError:
            raise NotHere("no tantivy: pip install tantivy") from None
        self._folder, self._tantivy = folder / "tantivy", tantivy
        self.is_filled = self._folder.exists()
        self._folder.mkdir(exist_ok=True)
        schema = tantivy.SchemaBuilder().add_integer_field("id", stored=True, fast=True)
        schema = schema.add_text_field("title", stored=True).add_text_field("body", stored=True)
        self._index: Any = tantivy.Index(schema.build(), path=str(self._folder))
        self._writer: Any = None if self.is_filled else self._index.writer(heap_size=128_000_000, num_threads=1)

    def add(self, texts: Texts) -> None:
        for number, title, body in texts:
            self._writer.add_document(self._tantivy.Document(id=number, title=title, body=body))

    def close(self) -> None:
        del self._index

    def ready(self) -> None:
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._index.reload()

    def page(self, query: str) -> Sequence[int]:
        parsed = self._index.parse_query(query, ["title", "body"])
        searcher = self._index.searcher()
        found = searcher.search(parsed, PAGE, order_by_field="id")
        return [searcher.doc(address)["id"][0] for _, address in found.hits]

    def mib(self) -> float:
        return sum(file.stat().st_size for file in self._folder.iterdir()) / 2**20


@contextmanager
def peers(url: str, kept: Path | None = None) -> Iterator[Sequence[Peer]]:
    """Those that this machine has; the one of PostgreSQL where the archive is there, too."""
    folder = kept or Path(tempfile.mkdtemp(prefix="vigie-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    found: list[Peer] = []
    try:
        found += [Vectors(url) if url.startswith("postgres") else Fts5(folder)]
        try:
            found.append(Tantivy(folder))
        except NotHere as missing:
            print(f"left out: {missing}")  # noqa: T201 - a benchmark prints
        yield found
    finally:
        for peer in found:
            peer.close()
        if kept is None:
            shutil.rmtree(folder)
