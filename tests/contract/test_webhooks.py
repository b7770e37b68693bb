"""Webhooks: what a subscription finds is posted there, signed, at least once, and never in the way of a mail."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any, Final

import pytest
from sqlmodel import select

from services.notifier.webhooks import outbox
from services.notifier.webhooks.outbox import CLAIM
from services.notifier.webhooks.poster import Poster
from shared.config import Settings
from shared.store import Store
from shared.subscriptions import lifecycle, people
from shared.subscriptions.elsewhere import webhooks
from shared.subscriptions.elsewhere.tables import WebhookPostRow
from shared.subscriptions.elsewhere.webhooks import Webhook
from shared.subscriptions.erasure import purge_for_good
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.version import changing
from shared.telemetry.queries import paused
from shared.web.posting import Answer, Postman
from tests.fakes import FakeClock
from tests.hooks import HookServer, verifier
from tests.mailing import KEYS, LESER, archive, deliver_all, mail_through, match, subscribe

INSIDE: Final = Settings(webhooks="any", allowed_networks=(ip_network("127.0.0.0/8"),))
PORTAL: Final = "https://vigie.example.org"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def receiver() -> Iterator[HookServer]:
    with HookServer() as server:
        yield server


class Dying(Postman):
    """Sends, and dies before anybody learns how it ended."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        super().post(url, body, headers)
        raise KeyboardInterrupt


def hooked(store: Store, receiver: HookServer, **wish: str) -> tuple[Subscription, str]:
    """A subscription with a webhook, and the secret."""
    subscription = subscribe(store, **wish)
    with changing(store) as session:
        return subscription, webhooks.make(session, subscription.id, receiver.url(), store.now(session))


def post_all(store: Store, clock: FakeClock, postman: Postman | None = None) -> int:
    """Post everything that is due; how many rounds that took."""
    poster, rounds = Poster(store, postman or Postman(INSIDE, clock), clock, PORTAL), 0
    while poster.step():
        rounds += 1
    return rounds


def told_paused(store: Store) -> tuple[int, datetime] | None:
    """What `vigie status` goes by: how many, since when."""
    with store.reading() as session:
        found = paused(session, store.now(session))
        return (found.number, found.since) if found else None


def event(receiver: HookServer, number: int = -1) -> Any:
    return json.loads(receiver.taken[number].body)


def standing(store: Store, subscription: Subscription) -> Webhook:
    with store.reading() as session:
        found = webhooks.webhook_of(session, subscription.id)
    assert found is not None
    return found


def test_a_story_is_posted_at_once_signed_beside_its_mail(
    store: Store, clock: FakeClock, receiver: HookServer
) -> None:
    one, secret = hooked(store, receiver, every="weekly")
    item = archive(store, "one")
    match(store, item)
    assert post_all(store, clock) == 1
    (post,) = receiver.taken
    said, now = json.loads(post.body), clock.now().timestamp()
    assert verifier()(secret, post.headers, post.body, now)
    assert not verifier()(secret, post.headers, post.body + b" ", now)
    assert not verifier()(secret, post.headers, post.body, now + 301)
    assert post.headers["content-type"] == "application/cloudevents+json"
    assert (said["id"], said["type"]) == (post.id, "org.vigie.story.matched.v1")
    assert said["data"]["subscription"] == one.id
    assert said["data"]["item"]["title"] == item.title
    assert said["data"]["why"][0]["clause"] == "theme:energy"
    assert said["data"]["page"] == f"{PORTAL}/de/items/one"
    clock.advance(days=8)
    assert len(deliver_all(store)) == 1
    assert post_all(store, clock) == 0


def test_a_further_item_of_the_story_and_a_replay_post_nothing(
    store: Store, clock: FakeClock, receiver: HookServer
) -> None:
    hooked(store, receiver)
    one = archive(store, "one")
    two = archive(store, "two").model_copy(update={"story": one.story})
    match(store, one)
    post_all(store, clock)
    match(store, one, two)
    assert post_all(store, clock) == 0
    assert len(receiver.taken) == 1


def test_a_webhook_that_is_away_is_asked_again_with_the_same_id(
    store: Store, clock: FakeClock, receiver: HookServer
) -> None:
    one, _ = hooked(store, receiver)
    match(store, archive(store, "one"), archive(store, "two", text="Another story, of quite another thing."))
    receiver.next = [503]
    post_all(store, clock)
    assert len(receiver.taken) == 1  # the second is not even tried
    assert standing(store, one).said == "HTTP 503 Service Unavailable"
    clock.advance(seconds=61)
    post_all(store, clock)
    assert len(receiver.taken) == 3
    first, *later = receiver.taken
    assert len({post.id for post in later}) == 2
    (again,) = (post for post in later if post.id == first.id)
    assert again.headers["webhook-timestamp"] != first.headers["webhook-timestamp"]


def test_one_that_refuses_a_post_gets_the_others(store: Store, clock: FakeClock, receiver: HookServer) -> None:
    hooked(store, receiver)
    match(store, archive(store, "one"), archive(store, "two", text="Another story, of quite another thing."))
    receiver.next = [422, 204]
    post_all(store, clock)
    clock.advance(seconds=11)
    post_all(store, clock)
    assert len({post.id for post in receiver.taken}) == 2
    clock.advance(minutes=1)
    post_all(store, clock)
    assert receiver.taken[2].id == receiver.taken[0].id


def test_it_is_paused_after_three_days_with_one_mail_and_goes_on_when_its_reader_says_so(
    store: Store, clock: FakeClock, receiver: HookServer
) -> None:
    one, _ = hooked(store, receiver)
    mail_through(store, archive(store, "one"))
    receiver.next = [500] * 100
    for _ in range(9):
        post_all(store, clock)
        assert standing(store, one).paused_at is None
        clock.advance(hours=8, minutes=1)
    post_all(store, clock)
    assert standing(store, one).paused_at == clock.now()
    assert told_paused(store) == (1, clock.now())
    tries = len(receiver.taken)
    match(store, archive(store, "two", text="Another story, of quite another thing."))
    clock.advance(hours=9)
    assert post_all(store, clock) == 0
    mails = deliver_all(store)
    assert {dict(mail.headers)["Subject"] for mail in mails} == {"Ihr Webhook ist angehalten", "Meldung two"}
    receiver.next = []
    with store.writing() as session:
        webhooks.resume(session, one.id)
    post_all(store, clock)
    assert len(receiver.taken) == tries + 2
    assert told_paused(store) is None


def test_status_says_for_a_week_that_one_was_paused(store: Store, clock: FakeClock, receiver: HookServer) -> None:
    hooked(store, receiver)
    match(store, archive(store, "one"))
    receiver.next = [410]
    post_all(store, clock)
    clock.advance(days=6)
    assert told_paused(store) is not None
    clock.advance(days=2)
    assert told_paused(store) is None


def test_one_that_is_gone_is_paused_at_once(store: Store, clock: FakeClock, receiver: HookServer) -> None:
    one, _ = hooked(store, receiver)
    match(store, archive(store, "one"))
    receiver.next = [410]
    post_all(store, clock)
    assert standing(store, one).paused_at == clock.now()


def test_what_a_process_was_posting_when_it_died_goes_out_again_under_its_id(
    store: Store, clock: FakeClock, receiver: HookServer
) -> None:
    hooked(store, receiver)
    match(store, archive(store, "one"), archive(store, "two", text="Another story, of quite another thing."))
    with pytest.raises(KeyboardInterrupt):
        post_all(store, clock, Dying(INSIDE, clock))
    assert post_all(store, clock) == 0  # the claim holds: somebody may be at work
    clock.advance(seconds=CLAIM.total_seconds() + 1)
    post_all(store, clock)
    ids = [post.id for post in receiver.taken]
    assert (len(ids), len(set(ids))) == (3, 2)
    assert ids[0] in ids[1:]


def test_a_claim_is_one_senders_alone_and_a_late_result_is_forgotten(
    store: Store, clock: FakeClock, receiver: HookServer
) -> None:
    hooked(store, receiver)
    match(store, archive(store, "one"))
    first = outbox.claim(store, 20, PORTAL)
    assert first is not None
    assert outbox.claim(store, 20, PORTAL) is None
    clock.advance(seconds=CLAIM.total_seconds() + 1)
    second = outbox.claim(store, 20, PORTAL)
    assert second is not None
    assert second.posts[0].id == first.posts[0].id
    assert outbox.settle(store, first, first.posts[0], Answer(500, "late")) is None
    assert outbox.settle(store, second, second.posts[0], Answer(204, "taken")) is not None


def test_a_pause_holds_an_end_ends_and_the_next_address_gets_what_waits(
    store: Store, clock: FakeClock, receiver: HookServer
) -> None:
    one, secret = hooked(store, receiver)
    with changing(store) as session:
        lifecycle.pause(session, one.id, clock.now() + timedelta(days=7), clock.now(), keys=KEYS)
    match(store, archive(store, "one"))
    assert post_all(store, clock) == 0
    with changing(store) as session:
        assert webhooks.make(session, one.id, receiver.url("/other"), clock.now()) != secret
        lifecycle.pause(session, one.id, None, clock.now(), keys=KEYS)
    post_all(store, clock)
    assert [post.path for post in receiver.taken] == ["/other"]
    match(store, archive(store, "two", text="Another story, of quite another thing."))
    with changing(store) as session:
        webhooks.end(session, one.id, clock.now())
    match(store, archive(store, "three", text="A third story that nobody posts, of something else."))
    assert post_all(store, clock) == 0


def test_it_goes_on_with_what_takes_the_place_of_its_subscription(
    store: Store, clock: FakeClock, receiver: HookServer
) -> None:
    hooked(store, receiver)
    later = subscribe(store, every="daily")
    match(store, archive(store, "one"))
    post_all(store, clock)
    assert event(receiver)["data"]["subscription"] == later.id
    with changing(store) as session:
        people.erase(session, LESER, clock.now(), keys=KEYS)
        assert webhooks.open_webhooks(session) == {}


def test_a_redirect_is_not_followed(store: Store, clock: FakeClock, receiver: HookServer) -> None:
    one, _ = hooked(store, receiver)
    match(store, archive(store, "one"))
    receiver.next = [(307, {"Location": receiver.url("/elsewhere")})]
    post_all(store, clock)
    assert [post.path for post in receiver.taken] == ["/hook"]
    assert standing(store, one).said == "HTTP 307 Temporary Redirect"


def test_what_was_saved_when_more_was_allowed_is_not_asked_any_more(
    store: Store, clock: FakeClock, receiver: HookServer
) -> None:
    one, _ = hooked(store, receiver)
    match(store, archive(store, "one"))
    strict = Settings(webhooks="https", allowed_networks=INSIDE.allowed_networks)
    post_all(store, clock, Postman(strict, clock))
    assert receiver.taken == []
    assert "https" in standing(store, one).said
    answer = Postman(strict, clock).post(receiver.url().replace("http:", "https:"), b"", {})
    assert "no public address" in answer.said
    assert receiver.taken == []


def test_posts_are_forgotten_after_a_month(store: Store, clock: FakeClock, receiver: HookServer) -> None:
    hooked(store, receiver)
    match(store, archive(store, "one"))
    post_all(store, clock)
    for days, left in ((29, 1), (2, 0)):
        clock.advance(days=days)
        purge_for_good(store, keys=KEYS)
        with store.reading() as session:
            assert len(session.exec(select(WebhookPostRow)).all()) == left
