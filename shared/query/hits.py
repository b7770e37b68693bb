"""Pure. Where a text has what a query asks for: the places that a reader is shown."""

from collections.abc import Iterable, Iterator, Sequence

from shared.query.near import room, wanted_words
from shared.query.tree import And, Near, Node, Or, Phrase, Prefix, Text, Word
from shared.text.analyse import Placed, exact_words, placed, query_forms, query_phrases

Span = tuple[int, int]


def wanted_texts(node: Node) -> tuple[Text, ...]:
    """The texts that are asked for, each once; not those that are denied."""
    return tuple(dict.fromkeys(_texts(node)))


def spans(texts: Sequence[Text], text: str, language: str, *, title: bool = False) -> tuple[Span, ...]:
    """The places in `text`, read as `language`, of what is asked for; in order, none within another.

    `title` says that it is one: what is asked of titles alone stands nowhere else.
    """
    wanted = [each for each in texts if title or not each.title]
    if not wanted:
        return ()
    words = placed(text, language)
    return _joined(span for each in wanted for span in _spans(each, words))


def _texts(node: Node) -> Iterator[Text]:
    match node:
        case And(nodes) | Or(nodes):
            for each in nodes:
                yield from _texts(each)
        case Word() | Phrase() | Prefix() | Near():
            yield node


def _spans(wanted: Text, words: Sequence[Placed]) -> Iterator[Span]:
    match wanted:
        case Word(text):
            forms = query_forms(text)
            yield from ((word.start, word.end) for word in words if not forms.isdisjoint(word.terms))
            stems = [word for word in words if word.stem]
            for row in query_phrases(text):
                yield from _rows([word.stem for word in stems], row, stems)
        case Phrase(text):
            yield from _rows([word.folded for word in _single(words)], exact_words(text), _single(words))
        case Prefix(text):
            *whole, last = exact_words(text)
            single = _single(words)
            for at, word in enumerate(single):
                before = [each.folded for each in single[max(at - len(whole), 0) : at]]
                if word.folded.startswith(last) and before == whole:
                    yield single[at - len(whole)].start, word.end
        case Near(text, apart):
            yield from _near(text, apart, _single(words))


def _single(words: Sequence[Placed]) -> list[Placed]:
    return [word for word in words if word.folded]


def _rows(read: Sequence[str], row: Sequence[str], words: Sequence[Placed]) -> Iterator[Span]:
    for at in range(len(read) - len(row) + 1):
        if tuple(read[at : at + len(row)]) == tuple(row):
            yield words[at].start, words[at + len(row) - 1].end


def _near(text: str, apart: int, words: Sequence[Placed]) -> Iterator[Span]:
    """The words themselves, not what stands among them."""
    wanted, far = wanted_words(text), room(text, apart)
    places = [[at for at, word in enumerate(words) if _is(word, each.word, begins=each.begins)] for each in wanted]
    for first in sorted(at for some in places for at in some):
        inside = [[at for at in some if first <= at <= first + far] for some in places]
        if all(inside):
            yield from ((words[at].start, words[at].end) for some in inside for at in some)


def _is(word: Placed, wanted: str, *, begins: bool) -> bool:
    return word.folded.startswith(wanted) if begins else word.folded == wanted


def _joined(found: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(set(found)):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
