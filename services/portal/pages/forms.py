"""What forms send, as pages read it."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from services.portal.wanted import Fields

Form = Mapping[str, str]


async def sent_fields(request: Request) -> FormData:
    """The fields of a form. A body that is none says nothing, and is no reason to keep anybody from leaving."""
    try:
        return await request.form()
    except HTTPException:
        return FormData()


async def sent_form(request: Request) -> Form:
    """The same, each field once."""
    return {name: value for name, value in (await sent_fields(request)).items() if isinstance(value, str)}


SentFields = Annotated[FormData, Depends(sent_fields)]
SentForm = Annotated[Form, Depends(sent_form)]


def fields_of(sent: FormData) -> Fields:
    """The values that were sent under a name."""
    return lambda name: [value for value in sent.getlist(name) if isinstance(value, str)]
