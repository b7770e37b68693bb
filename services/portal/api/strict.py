"""What the API takes: the parameters of an address, each once, and nothing else.

A parameter that is not there must not be passed over: who asks for `?theme=energy` would get everything.
"""

from collections import Counter
from collections.abc import Collection
from difflib import get_close_matches

from fastapi import Request

from shared.errors import BadInput


class BadParameter(BadInput):
    """A parameter of a request cannot be used; `name` is the parameter."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def only_known(request: Request) -> None:
    """Raises BadParameter for one that the address has not, that stands there twice, or that has a zero byte."""
    only_these(request, {field.alias for field in request.scope["route"].dependant.query_params})


def only_these(request: Request, known: Collection[str], *, often: Collection[str] = ()) -> None:
    """The same of an address that has these; those of `often` may stand there as often as one likes."""
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in known:
            raise BadParameter(name, _unknown(name, known))
        if "\0" in "".join(request.query_params.getlist(name)):  # no database takes it
            raise BadParameter(name, f"{name} has a zero byte.")
        if times > 1 and name not in often:
            raise BadParameter(name, f"{name} stands {times} times; a request has it once.")


def _unknown(name: str, known: Collection[str]) -> str:
    if not known:
        return f"no parameter {name!r}: this address takes none."
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}."
    field = f" Fields of the query stand in q, as q={name}:…" if "q" in known else ""
    return f"no parameter {name!r}: {hint}{field}"
