"""From waiting matches to deliveries: single mails, the storm's bundle, digests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.notifier.digests import Hour
from services.notifier.plan import BETWEEN_BUNDLES, LONGEST, Past, Plan, Planned, Voice, Waiting, plan
from shared.subscriptions.options import Options
from shared.subscriptions.words import Every, Kind

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)  # a Tuesday
SEVEN = Hour("Europe/Berlin", 7)


def one(number: int, every: Every, at: datetime, **chosen: Any) -> Waiting:
    return Waiting(number, at, (Voice(every, Options(**chosen)),))


def waiting(count: int, every: Every = Every.INSTANT, *, at: datetime = NOW) -> list[Waiting]:
    return [one(number, every, at) for number in range(1, count + 1)]


def planned(found: list[Waiting], past: Past | None = None, *, now: datetime = NOW, per_hour: int = 10) -> Plan:
    return plan(found, past or Past(), now, per_hour)


def test_instant_matches_become_one_mail_each() -> None:
    assert planned(waiting(3)).deliveries == tuple(Planned(Kind.INSTANT, (n,)) for n in (1, 2, 3))


def test_what_is_over_the_hourly_number_waits_for_the_end_of_the_burst() -> None:
    found = planned(waiting(13))
    assert len(found.deliveries) == 10
    assert found.later == dict.fromkeys((11, 12, 13), NOW + timedelta(seconds=10))


def test_after_ten_quiet_seconds_the_overflow_is_one_bundle() -> None:
    left = waiting(3, at=NOW - timedelta(seconds=10))
    found = planned(left, Past(singles=10))
    assert found == Plan((Planned(Kind.INSTANT, (1, 2, 3), bundle=True),))


def test_a_burst_that_does_not_end_is_bundled_after_a_minute() -> None:
    steady = [one(n, Every.INSTANT, NOW - timedelta(seconds=60 - 5 * n)) for n in range(13)]
    assert planned(steady[:12], Past(singles=10), now=NOW - timedelta(seconds=1)).deliveries == ()
    assert planned(steady, Past(singles=10)).deliveries[0].bundle


def test_bundles_keep_ten_minutes_apart() -> None:
    past = Past(singles=10, last_bundle=NOW - timedelta(minutes=4))
    found = planned(waiting(2, at=NOW - timedelta(seconds=30)), past)
    assert found == Plan((), dict.fromkeys((1, 2), NOW + timedelta(minutes=6)))
    after = planned(
        waiting(2, at=NOW - timedelta(seconds=30)), past, now=NOW - timedelta(minutes=4) + BETWEEN_BUNDLES
    )
    assert [each.bundle for each in after.deliveries] == [True]


def test_zero_per_hour_means_never_bundled() -> None:
    assert len(planned(waiting(40), Past(singles=99), per_hour=0).deliveries) == 40


def test_a_digest_waits_for_the_slot_after_its_first_match() -> None:
    found = planned(waiting(2, Every.DAILY))
    assert found.deliveries == ()
    assert set(found.later.values()) == {datetime(2026, 3, 4, 6, 0, tzinfo=UTC)}


def test_a_digest_takes_all_waiting_matches_of_its_mode_never_a_window() -> None:
    old = one(1, Every.DAILY, NOW - timedelta(days=5))
    just_now = one(2, Every.DAILY, NOW)
    assert planned([old, just_now]).deliveries == (
        Planned(Kind.DIGEST, (1, 2), slot=date(2026, 3, 3), hour=SEVEN),
    )


def test_a_missed_slot_is_made_up_for_at_any_hour() -> None:
    before_seven = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    missed = one(1, Every.DAILY, datetime(2026, 2, 27, 12, 0, tzinfo=UTC))
    assert planned([missed], now=before_seven).deliveries == (
        Planned(Kind.DIGEST, (1,), slot=date(2026, 3, 2), hour=SEVEN),
    )


def test_a_day_has_one_digest_and_what_is_due_later_goes_the_next_day() -> None:
    found = planned(
        [one(1, Every.WEEKLY, NOW - timedelta(days=9))], Past(digests=frozenset({(date(2026, 3, 3), SEVEN)}))
    )
    assert found == Plan((), {1: datetime(2026, 3, 4, 6, 0, tzinfo=UTC)})


def test_on_monday_the_daily_and_the_weekly_matches_share_one_mail() -> None:
    seven = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    both = [
        one(1, Every.DAILY, seven - timedelta(hours=3)),
        one(2, Every.WEEKLY, seven - timedelta(days=4)),
    ]
    assert planned(both, now=seven).deliveries == (
        Planned(Kind.DIGEST, (2, 1), slot=date(2026, 3, 2), hour=SEVEN),
    )


def test_on_tuesday_the_weekly_matches_stay_behind() -> None:
    both = [
        one(1, Every.DAILY, NOW - timedelta(hours=5)),
        one(2, Every.WEEKLY, NOW - timedelta(hours=5)),
    ]
    found = planned(both)
    assert found.deliveries == (Planned(Kind.DIGEST, (1,), slot=date(2026, 3, 3), hour=SEVEN),)
    assert found.later == {2: datetime(2026, 3, 9, 6, 0, tzinfo=UTC)}


def test_nobody_gets_an_empty_digest() -> None:
    assert planned([]) == Plan()


def test_nothing_is_put_off_for_longer_than_is_known() -> None:
    """What lies further off was put off by a clock that was ahead."""
    for hour in range(0, 24 * 8, 5):
        now = NOW + timedelta(hours=hour)
        recent = Past(singles=10, last_bundle=now, digests=frozenset({(now.date(), SEVEN)}))
        for every in Every:
            for past in (Past(singles=10), recent):
                later = planned(waiting(3, every, at=now), past, now=now).later
                assert all(due_at <= now + LONGEST[every] for due_at in later.values())


def test_subscriptions_of_other_hours_and_zones_have_digests_of_their_own() -> None:
    since = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
    now = datetime(2026, 3, 3, 18, 30, tzinfo=UTC)
    evening, cayenne = Hour("Europe/Berlin", 18), Hour("America/Cayenne", 7)
    found = planned(
        [
            one(1, Every.DAILY, since),
            one(2, Every.DAILY, since, hour=18),
            one(3, Every.DAILY, since, zone="America/Cayenne"),
            one(4, Every.WEEKLY, since, weekday=2),
        ],
        now=now,
    )
    slots = {(each.matches, each.slot, each.hour) for each in found.deliveries}
    tuesday = date(2026, 3, 3)
    assert slots == {((1,), tuesday, SEVEN), ((2,), tuesday, evening), ((3,), tuesday, cayenne)}
    assert found.later == {4: datetime(2026, 3, 4, 6, 0, tzinfo=UTC)}


def test_a_story_of_two_rhythms_goes_with_the_first_that_comes() -> None:
    both = Waiting(1, NOW, (Voice(Every.DAILY, Options(hour=18)), Voice(Every.DAILY)))
    assert planned([both]).later == {1: datetime(2026, 3, 3, 17, 0, tzinfo=UTC)}
    (digest,) = planned([both], now=datetime(2026, 3, 3, 17, 0, tzinfo=UTC)).deliveries
    assert digest.hour == Hour("Europe/Berlin", 18)


def test_who_moved_to_another_zone_gets_no_second_digest_on_that_day() -> None:
    since, now = datetime(2026, 3, 3, 7, 0, tzinfo=UTC), datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    moved = one(1, Every.DAILY, since, zone="America/Miquelon")
    past = Past(digests=frozenset({(date(2026, 3, 3), SEVEN)}), zones=frozenset({"America/Miquelon"}))
    assert planned([moved], past, now=now).later == {1: datetime(2026, 3, 4, 10, 0, tzinfo=UTC)}
    beside = Past(digests=past.digests, zones=frozenset({"America/Miquelon", "Europe/Berlin"}))
    assert len(planned([moved], beside, now=now).deliveries) == 1


def test_in_quiet_hours_nothing_goes_at_once_and_then_one_bundle() -> None:
    night = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)  # 23:00 in Berlin
    kept = [one(n, Every.INSTANT, night + timedelta(hours=n), quiet_from=22, quiet_until=6) for n in range(4)]
    asleep = planned(kept, now=night + timedelta(hours=4))
    assert asleep == Plan((), dict.fromkeys(range(4), night + timedelta(hours=5)))
    last = planned(kept, now=night + timedelta(hours=6, minutes=30))
    assert set(last.later.values()) == {datetime(2026, 3, 4, 5, 0, tzinfo=UTC)}
    awake = planned(kept, now=night + timedelta(hours=7))
    assert awake.deliveries == (Planned(Kind.INSTANT, (0, 1, 2, 3), bundle=True),)


def test_a_paused_subscription_says_nothing_until_its_pause_is_over() -> None:
    until = NOW + timedelta(days=3)
    paused = Voice(Every.INSTANT, paused_until=until)
    kept = [Waiting(n, NOW, (paused,)) for n in range(3)]
    assert set(planned(kept).later.values()) == {NOW + timedelta(hours=1)}
    assert planned(kept, now=until).deliveries == (Planned(Kind.INSTANT, (0, 1, 2), bundle=True),)
    beside = Waiting(9, NOW, (paused, Voice(Every.DAILY)))
    assert planned([beside]).later == {9: datetime(2026, 3, 4, 6, 0, tzinfo=UTC)}
