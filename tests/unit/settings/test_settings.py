"""Settings: what is refused, and what is shown of them."""

from pathlib import Path

import pytest

from services.portal.routes import API, PAGES
from shared.config import Settings, load_settings
from shared.errors import ConfigError
from shared.public_url import TAKEN, read_public_url


@pytest.mark.parametrize(
    ("written", "origin", "prefix"),
    [
        ("https://vigie.example.org", "https://vigie.example.org", ""),
        ("https://vigie.example.org/", "https://vigie.example.org", ""),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
        ("https://example.org/vigie/", "https://example.org", "/vigie"),
        ("https://example.org:8443/a/b-c_d.e~f", "https://example.org:8443", "/a/b-c_d.e~f"),
        ("https://example.org/tools/de", "https://example.org", "/tools/de"),
    ],
)
def test_a_public_address_has_an_origin_and_perhaps_a_path(written: str, origin: str, prefix: str) -> None:
    public = read_public_url("VIGIE_PUBLIC_URL", written)
    assert (public.origin, public.prefix) == (origin, prefix)
    assert Settings(public_url=public.url).portal_url == origin + prefix


@pytest.mark.parametrize(
    "written",
    [
        "vigie.example.org",
        "ftp://example.org",
        "https://",
        "https://user:secret@example.org",
        "https://example.org/?a",
        "https://example.org/#a",
        "https://example.org/a b",
        "https://example.org/a//b",
        "https://example.org/../b",
        "https://example.org/%2e",
        "https://example.org:port",
        "https://[example.org",
        "https://example.org/de",  # the German pages themselves
        "https://example.org/api/vigie",
    ],
)
def test_what_is_no_address_for_people_is_refused(written: str) -> None:
    with pytest.raises(ConfigError, match="VIGIE_PUBLIC_URL") as error:
        load_settings({"VIGIE_PUBLIC_URL": written}, Path("/nowhere"))
    assert "secret" not in str(error.value)


def test_every_first_word_of_the_portals_own_addresses_is_taken() -> None:
    firsts = {path.split("/")[1] for path in (*(path for _, path, _ in PAGES), *(path for _, path, *_ in API))}
    assert firsts - {"", "{lang}"} <= TAKEN
    assert {"de", "fr", "en"} <= TAKEN


def test_a_secret_is_never_shown_though_it_looks_like_an_address() -> None:
    shown = Settings(admin_password="https://geheim", secret_key="smtp://geheim@host").redacted()
    assert (shown["admin_password"], shown["secret_key"]) == ("***", "***")


def test_a_secret_given_where_its_file_belongs_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="VIGIE_ADMIN_PASSWORD_FILE") as error:
        load_settings({"VIGIE_ADMIN_PASSWORD_FILE": "geheim"}, tmp_path)
    assert "geheim" not in str(error.value)
    missing = str(tmp_path / "missing")
    with pytest.raises(ConfigError, match=missing):
        load_settings({"VIGIE_ADMIN_PASSWORD_FILE": missing}, tmp_path)
