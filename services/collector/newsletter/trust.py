"""Pure. Whether a mail is of whom it says: the list of senders, and the proof that one of them sent it.

Anybody can write any From. It is proven by a signature that holds (DKIM) and is made by the sender's domain, or by
what the mailbox's own server found when it took the mail (Authentication-Results, RFC 8601). Such fields are
believed only under the server's own name, and only the topmost: a sender may write some himself, below all others.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

DEEPEST: Final = 5  # comments within one another
_COMMENT: Final = re.compile(r"\([^()]*\)")
_QUOTED: Final = re.compile(r'"([^"\\]|\\.)*"')
_VALUE: Final = re.compile(r"(?P<key>[A-Za-z0-9_.-]+)\s*=\s*(?P<value>\"[^\"]*\"|[^\s;]+)")


@dataclass(frozen=True, slots=True)
class Result:
    """One finding of a server: the method, its result, and the properties, as in `header.d` -> `example.org`."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        return dict(self.properties).get(name, "")


def is_sender(address: str, senders: Sequence[str]) -> bool:
    """Whether an address is on the list, itself or by its domain."""
    domain = address.rpartition("@")[2]
    return any(
        address == allowed or (allowed.startswith("@") and _within(domain, allowed[1:])) for allowed in senders
    )


def attested(results: Sequence[tuple[int, str]], authserv: str, sender: str, signers: Sequence[str]) -> bool:
    """Whether the server called `authserv` found that a mail is of the sender's domain."""
    return any(_proves(result, sender, signers) for result in _believed(results, authserv))


def _believed(results: Sequence[tuple[int, str]], authserv: str) -> Iterator[Result]:
    ours = [(hops, *split) for hops, written in results if (split := _split(written))[0] == authserv]
    if authserv and ours:
        topmost = min(hops for hops, _, _ in ours)
        for hops, _, found in ours:
            if hops == topmost:
                yield from found


def _split(written: str) -> tuple[str, tuple[Result, ...]]:
    """(authserv-id, results) of a field."""
    text = written
    for _ in range(DEEPEST):
        text = _COMMENT.sub(" ", text)
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        held.append(found[0])
        return f"\x00{len(held) - 1}\x00"

    text = _QUOTED.sub(hold, text)
    name, *rest = text.split(";")
    authserv = name.split()[0].lower().strip('"') if name.split() else ""
    return authserv, tuple(result for piece in rest if (result := _result(piece, held)))


def _result(piece: str, held: Sequence[str]) -> Result | None:
    whole = re.sub("\x00(\\d+)\x00", lambda found: held[int(found[1])], piece)
    pairs = [(found["key"].lower(), found["value"].strip('"').lower()) for found in _VALUE.finditer(whole)]
    if not pairs:
        return None
    (method, result), *properties = pairs
    return Result(method, result, tuple(properties))


def _proves(found: Result, sender: str, signers: Sequence[str]) -> bool:
    if found.result != "pass":
        return False
    match found.method:
        case "dkim":
            return speaks_for(found["header.d"] or found["header.i"].rpartition("@")[2], sender, signers)
        case "spf":
            return speaks_for(found["smtp.mailfrom"].rpartition("@")[2], sender, signers)
        case "dmarc":
            return found["header.from"] == sender
        case _:
            return False


def speaks_for(domain: str, sender: str, signers: Sequence[str]) -> bool:
    """Whether a signing domain stands for the sender's: the same, one above or below it, or one of `signers`."""
    if "." not in domain:
        return False
    return _within(sender, domain) or _within(domain, sender) or any(_within(domain, each) for each in signers)


def _within(domain: str, above: str) -> bool:
    return domain == above or domain.endswith(f".{above}")
