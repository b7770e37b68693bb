"""Where hubs speak to us (WebSub): they verify that we asked, deny, and push. A push only makes a source due."""

from typing import Annotated, Final

from fastapi import Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse

from services.portal.site import PRIVATE, TheSite
from shared.sources.hubs import deny, pushed, verify

LONGEST: Final = 2000  # characters of a challenge or a topic


def verified(
    site: TheSite,
    token: str,
    mode: Annotated[str, Query(alias="hub.mode", max_length=40)] = "",
    topic: Annotated[str, Query(alias="hub.topic", max_length=LONGEST)] = "",
    challenge: Annotated[str, Query(alias="hub.challenge", max_length=LONGEST)] = "",
    lease: Annotated[str, Query(alias="hub.lease_seconds", max_length=12)] = "",
) -> Response:
    """Echo the challenge of a subscription that we asked for; what we did not ask for is not found.

    We never unsubscribe, so nobody may do it for us: a subscription ends with its lease.
    """
    with site.store.writing() as session:
        if mode == "denied":
            deny(session, token, topic)
            return PlainTextResponse("", headers=PRIVATE)
        seconds = int(lease) if lease.isdecimal() else None
        ours = mode == "subscribe" and verify(session, token, topic, seconds, site.store.now(session))
    return PlainTextResponse(challenge if ours else "", 200 if ours else 404, headers=PRIVATE)


async def read_body(request: Request) -> bytes:
    """What was pushed; `edge` bounds it."""
    return await request.body()


Body = Annotated[bytes, Depends(read_body)]


def push(request: Request, site: TheSite, token: str, body: Body) -> Response:
    """Make the source due. A wrong signature is answered alike: nobody learns from it."""
    signature = request.headers.get("x-hub-signature", "")
    with site.store.writing() as session:
        pushed(session, token, body, signature, site.store.now(session), site.settings.min_interval)
    return PlainTextResponse("", 202, headers=PRIVATE)
