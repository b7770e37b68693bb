"""What an item says, as vectors, beside its verdict: by the encoder that comes with Vigie, whatever tags."""

from collections.abc import Callable

from shared.items import CollectedItem, Meaning
from shared.manifest import Damaged
from shared.meaning.encoder import the_encoder

Meant = Callable[[CollectedItem], Meaning | None]


def meant(item: CollectedItem) -> Meaning | None:
    """None where the encoder is damaged: the item goes on without, and status says so."""
    try:
        encoder = the_encoder()
    except Damaged:
        return None
    return encoder.of_item(item.title, item.body()).meaning()


def damage() -> str | None:
    """What is wrong with the encoder, None when nothing is."""
    try:
        the_encoder()
    except Damaged as error:
        return str(error)
    return None
