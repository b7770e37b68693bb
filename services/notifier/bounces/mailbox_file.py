"""Pure. The mails of a file: one, or those of an mbox, each behind a line `From …`."""

import re
from collections.abc import Sequence
from typing import Final

_BEGINS: Final = re.compile(rb"^From \S+ [^\n]*\d\d:\d\d[^\n]*\n", re.MULTILINE)


def mails_of(raw: bytes) -> Sequence[bytes]:
    """A file that does not begin as an mbox does is one mail, also an empty one."""
    begins = [found.start() for found in _BEGINS.finditer(raw) if _after_blank(raw, found.start())]
    if not begins or begins[0] != 0:
        return (raw,)
    return [raw[at:end] for at, end in zip(begins, [*begins[1:], len(raw)], strict=True)]


def _after_blank(raw: bytes, at: int) -> bool:
    return at == 0 or raw[max(0, at - 2) : at] == b"\n\n" or raw[max(0, at - 4) : at] == b"\r\n\r\n"
