"""Pure. One line of JSON Lines as people hand it in: an object, or a sentence that says what it is instead."""

import json
from collections.abc import Mapping
from typing import Any

from shared.errors import BadInput


def json_object(line: bytes) -> Mapping[str, Any]:
    """The object in `line`; a byte order mark before it is passed over. Raises BadInput saying what is wrong."""
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput(f"not UTF-8: {error.reason} at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"not JSON: {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"not readable JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadInput(f"an object was expected, found {type(found).__name__}")
    return found
