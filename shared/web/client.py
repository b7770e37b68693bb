"""The one outgoing HTTP client: feeds, listings, articles, robots.txt, discovery.

http and https only; public addresses only, checked where the connection is made; redirects followed by ourselves;
a deadline for the whole and a limit for the decoded body; an honest User-Agent; the proxy of VIGIE_PROXY_URL and
none from the environment.
"""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from shared.clock import Clock, SystemClock
from shared.config import Settings
from shared.errors import FetchFailed, Trouble
from shared.shown_url import without_secrets
from shared.tls import what_failed
from shared.web import room
from shared.web.body import read_body, too_large
from shared.web.connect import Deadline
from shared.web.headers import max_age, retry_after, user_agent
from shared.web.outgoing import outgoing
from shared.web.pace import HostPace
from shared.web.transport import GuardedTransport

MAX_BYTES: Final = 10_000_000  # of a document, after decompression
DEADLINE: Final = 30.0  # seconds for all hops and the body
HOPS: Final = 6
SPACING: Final = 2.0  # seconds between two requests to one host
ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, text/html;q=0.6, */*;q=0.5"
)

Cookies = frozenset[tuple[str, str, str]]  # (domain, name, value)
Permit = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: a document, or `status` 304 with an empty body.

    `url` is where it came from at last, `moved_to` where permanent redirects (301, 308) say that it lives now.
    `hub` and `topic` are what its Link headers say for WebSub.
    `max_age` is how long the server calls it fresh, in seconds. `redirected` says that there was any redirect,
    `at` when it was fetched. `robots_tag` (one a line) and `tdm_reservation` are what the headers say of the use
    of the document.
    """

    url: str
    status: int
    body: bytes
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None
    redirected: bool = False
    max_age: float | None = None
    retry_after: float | None = None
    robots_tag: str = ""
    tdm_reservation: str = ""
    at: datetime | None = None
    hub: str | None = None
    topic: str | None = None

    @property
    def not_modified(self) -> bool:
        return self.status == httpx.codes.NOT_MODIFIED


@dataclass(slots=True)
class _Trail:
    """The hops of one fetch so far: addresses, each with the cookies that were sent to it.

    Some sites answer nothing before they have set a cookie, and redirect to the same address with one.
    """

    url: str
    seen: set[tuple[str, Cookies]]
    moved_to: str | None = None
    permanent: bool = True

    def follow(self, status: int, location: str, cookies: Cookies) -> None:
        try:
            target = urljoin(self.url, location.strip())
        except ValueError as error:
            what = f"{location[:200]!r}, which is no web address: {error}"
            raise FetchFailed(f"{self.url} redirects to {what}", Trouble.REFUSED) from error
        if (target, cookies) in self.seen:
            raise FetchFailed(f"{self.url} redirects in a circle, back to {target}", Trouble.REFUSED)
        if len(self.seen) >= HOPS:
            raise FetchFailed(f"more than {HOPS - 1} redirects, the last to {target}", Trouble.REFUSED)
        self.permanent = self.permanent and status in (301, 308) and target != self.url
        if self.permanent:
            self.moved_to = target
        self.seen.add((target, cookies))
        self.url = target


@dataclass(frozen=True, slots=True)
class _Limit:
    """How much of a body is read. Where there is more it is no document, or with `cut` the beginning of one."""

    bytes: int
    cut: bool
    end: Deadline


class WebClient:
    """Fetches documents. Thread-safe; every fetch has connections of its own."""

    def __init__(self, settings: Settings, clock: Clock | None = None, *, spacing: float = SPACING) -> None:
        self._out = outgoing(settings)
        self._agent = user_agent(settings)
        self._clock = clock or SystemClock()
        self.pace = HostPace(spacing)

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        max_bytes: int = MAX_BYTES,
        deadline: float = DEADLINE,
        patience: float | None = None,
        permit: Permit | None = None,
        accept: str = ACCEPT,
        cut: bool = False,
    ) -> Fetched:
        """Fetch `url`, on condition where validators are given. Raises FetchFailed for all that is no document.

        With `cut`, `max_bytes` are taken of a longer one. `patience` is how long the host's turn may be waited
        for, in seconds. `permit` is asked before every hop; it raises FetchFailed for what is not to be fetched.
        """
        headers = {
            "Accept": accept,
            "Accept-Encoding": "gzip",
            "Connection": "keep-alive",
            "User-Agent": self._agent,
        }
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        end = Deadline(deadline, patience)
        with _told(url, deadline), closing(GuardedTransport(self._out, self.pace, end)) as transport:
            asking = _Asking(transport, headers, httpx.Timeout(deadline).as_dict())
            limit = _Limit(max_bytes, cut, end)
            return self._follow(asking, url, limit, permit, conditional=bool(etag or last_modified))

    def post(self, url: str, form: Mapping[str, str], *, deadline: float = DEADLINE) -> int:
        """Send a form and return the status; no redirect is followed. Raises FetchFailed where nobody answers."""
        transport = GuardedTransport(self._out, self.pace, Deadline(deadline, None))
        headers = {"User-Agent": self._agent}
        client = httpx.Client(transport=transport, trust_env=False, headers=headers, timeout=deadline)
        with _told(url, deadline), client:
            _checked(url)
            with client.stream("POST", url, data=dict(form), follow_redirects=False) as answer:
                return answer.status_code

    def send(
        self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float = DEADLINE
    ) -> tuple[int, str, float | None]:
        """Send a body: the status, its reason, and how many seconds the server asks to be left in peace for.

        No redirect is followed, and the answer's body is not read. Raises FetchFailed where nobody answers.
        """
        transport = GuardedTransport(self._out, self.pace, Deadline(deadline, None))
        client = httpx.Client(transport=transport, trust_env=False, timeout=deadline)
        said = {"User-Agent": self._agent, **headers}
        with _told(url, deadline), client:
            _checked(url)
            with client.stream("POST", url, content=body, headers=said, follow_redirects=False) as answer:
                wait = retry_after(answer.headers.get("retry-after"), self._clock.now())
                return answer.status_code, answer.reason_phrase, wait

    def look(self, url: str, *, deadline: float = DEADLINE) -> None:
        """Whether `url` may be asked for at all, without asking. Raises FetchFailed."""
        with _told(url, deadline):
            GuardedTransport(self._out, self.pace, Deadline(deadline, None)).look(_checked(url))

    def close(self) -> None:
        """Wake the threads that wait for a host's turn."""
        self.pace.close()

    def _follow(
        self, asking: "_Asking", url: str, limit: _Limit, permit: Permit | None, *, conditional: bool
    ) -> Fetched:
        trail = _Trail(url, {(url, frozenset())})
        while True:
            address = _checked(trail.url)
            if permit is not None:
                permit(trail.url)
            with closing(asking.answer(address)) as answer:
                location = answer.headers.get("location")
                if answer.status_code in (301, 302, 303, 307, 308) and location:
                    trail.follow(answer.status_code, location, asking.told)
                    continue
                now = self._clock.now()
                if answer.status_code != 304 or not conditional:
                    _check_status(answer, trail.url, now)
                return _fetched(answer, trail, now, limit)


@contextmanager
def _told(url: str, deadline: float) -> Iterator[None]:
    """Whatever goes wrong on the way to `url` as a FetchFailed that says so."""
    try:
        yield
    except FetchFailed as error:
        raise _placed(url, error) from error
    except (httpx.InvalidURL, httpx.RequestError) as error:  # what httpx itself makes of addresses
        # it quotes what it took for the port, perhaps a password
        reason = f": {error}" if without_secrets(url) == url else ""
        raise FetchFailed(f"{url[:200]!r} leads to no web address{reason}", Trouble.REFUSED) from error
    except (httpcore.TimeoutException, TimeoutError) as error:
        raise FetchFailed(f"{url}: no complete answer in {deadline:.0f} s", Trouble.TIMEOUT) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise _broken(url, error) from error


class _Asking:
    """The requests of one fetch. Of all that httpx does around a request only cookies and logins matter here."""

    def __init__(
        self, transport: GuardedTransport, headers: Mapping[str, str], timeout: Mapping[str, float | None]
    ) -> None:
        self._transport, self._headers, self._timeout = transport, headers, timeout
        self._cookies = httpx.Cookies()

    @property
    def told(self) -> Cookies:
        """What this fetch was told to bring along. It ends with the fetch."""
        return frozenset((cookie.domain, cookie.name, cookie.value or "") for cookie in self._cookies.jar)

    def answer(self, url: httpx.URL) -> httpx.Response:
        """The answer, its body unread."""
        cookies = self._cookies if len(self._cookies) else None
        more = {"timeout": self._timeout}
        request = httpx.Request("GET", url, headers=self._headers, cookies=cookies, extensions=more)
        if url.userinfo:
            request = next(httpx.BasicAuth(url.username, url.password).sync_auth_flow(request))
        answer = self._transport.handle_request(request)
        answer.request = request
        if "set-cookie" in answer.headers:
            self._cookies.extract_cookies(answer)
        return answer


def _fetched(answer: httpx.Response, trail: _Trail, now: datetime, limit: _Limit) -> Fetched:
    return Fetched(
        url=trail.url,
        status=answer.status_code,
        body=b"" if answer.status_code == 304 else _body(answer, trail.url, limit),
        content_type=answer.headers.get("content-type", ""),
        etag=_validator(answer.headers.get("etag")),
        last_modified=_validator(answer.headers.get("last-modified")),
        moved_to=trail.moved_to,
        redirected=len(trail.seen) > 1,
        max_age=max_age(answer.headers, now),
        retry_after=retry_after(answer.headers.get("retry-after"), now),
        robots_tag="\n".join(answer.headers.get_list("x-robots-tag")),
        tdm_reservation=answer.headers.get("tdm-reservation", ""),
        at=now,
        hub=_named(answer, "hub"),
        topic=_named(answer, "self"),
    )


def _named(answer: httpx.Response, relation: str) -> str | None:
    """The address that a Link header gives for a relation."""
    written = answer.links.get(relation, {}).get("url", "")
    try:
        return urljoin(str(answer.url), written) if written else None
    except ValueError:  # brackets without an address
        return None


def _validator(value: str | None) -> str | None:
    """A validator that can be sent back word for word; an odd one is better forgotten."""
    return value if value and value.isascii() and value.isprintable() and len(value) <= 500 else None


def _body(answer: httpx.Response, url: str, limit: _Limit) -> bytes:
    encoding = answer.headers.get("content-encoding", "")
    length = answer.headers.get("content-length", "")
    if not limit.cut and length.isdecimal() and len(length) < 20 and int(length) > limit.bytes:
        raise too_large(limit.bytes, url)
    grown = (room.LARGE, partial(room.take, limit.end))
    return read_body(answer.iter_raw(), encoding, limit.bytes, url, cut=limit.cut, grown=grown)


def _checked(url: str) -> httpx.URL:
    try:
        urlsplit(url)  # which others ask for its parts, and is stricter
        parsed = httpx.URL(url)
        host = parsed.host
    except ValueError as error:  # a name that IDNA does not know, brackets without an address
        said = f": {error}" if without_secrets(url) == url else ""
        raise FetchFailed(f"{url[:200]!r} is no web address{said}", Trouble.REFUSED) from error
    if parsed.scheme not in ("http", "https") or not host:
        raise FetchFailed(f"{url[:200]!r} is refused: only http and https are fetched", Trouble.REFUSED)
    return parsed


def _check_status(answer: httpx.Response, url: str, now: datetime) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    match status:
        case 401 | 403 | 407 | 451:
            trouble = Trouble.BLOCKED
        case _ if "cf-mitigated" in answer.headers:  # Cloudflare's "prove that you are human"
            trouble = Trouble.BLOCKED
        case 410:
            trouble = Trouble.GONE
        case 429 | 503:
            trouble = Trouble.BUSY
        case _:
            trouble = Trouble.HTTP_4XX if 400 <= status < 500 else Trouble.HTTP_5XX
    wait = retry_after(answer.headers.get("retry-after"), now)
    reason = f" {answer.reason_phrase}" if answer.reason_phrase else ""
    raise FetchFailed(f"{url} answered {status}{reason}", trouble, status=status, retry_after=wait)


def _placed(url: str, error: FetchFailed) -> FetchFailed:
    """The error with the address that was asked for, which a redirect or a name may have left behind."""
    if without_secrets(url) in str(error):
        return error
    return FetchFailed(f"{url}: {error}", error.trouble, status=error.status, retry_after=error.retry_after)


def _broken(url: str, error: Exception) -> FetchFailed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return FetchFailed(f"{url}: no secure connection: {what_failed(cause)}", Trouble.TLS)
        cause = cause.__cause__ or cause.__context__
    return FetchFailed(f"{url}: the connection broke: {error or type(error).__name__}", Trouble.CONNECT)
