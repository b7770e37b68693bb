"""How to ask: the whole grammar, with examples to follow."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from fastapi import Response

from services.portal.asking import EVERY
from services.portal.links import address
from services.portal.site import ThePage
from shared.query.fields import FIELDS


def show(page: ThePage) -> Response:
    """Every example leads to what it finds."""
    examples = {example: address(f"{page.base}/search", (("q", example),)) for example in EVERY}
    return page.render("help.html", examples=examples, fields=fields())


def fields() -> Mapping[str, Sequence[str]]:
    """Field -> its other names."""
    names: dict[str, list[str]] = defaultdict(list)
    for alias, name in FIELDS.items():
        names[name] += [alias] if alias != name else []
    return names
