"""The portal as a service: it takes its port, answers, and gives it back."""

import socket
from http.client import HTTPConnection

import pytest

from services.portal.app import build
from shared.errors import ConfigError
from tests.unit.portal.site import Opening


def test_the_service_answers_on_its_port_and_stops(portal_with: Opening) -> None:
    parts = portal_with(http="127.0.0.1:0")
    service = build(parts.settings, parts.store, parts.bus, parts.clock)
    service.start()
    try:
        connection = HTTPConnection(*service.address, timeout=10)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.getheader("server") is None
        answer.read()
        connection.close()
        assert service.health()["portal"].alive
    finally:
        service.stop(10)
    assert not service.health()["portal"].alive
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(service.address, timeout=5)


def test_a_taken_port_is_an_error_that_names_the_setting(portal_with: Opening) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        parts = portal_with(http=f"127.0.0.1:{holder.getsockname()[1]}")
        service = build(parts.settings, parts.store, parts.bus, parts.clock)
        with pytest.raises(ConfigError, match="VIGIE_HTTP"):
            service.start()


def test_a_service_that_never_started_can_be_stopped(portal_with: Opening) -> None:
    parts = portal_with()
    build(parts.settings, parts.store, parts.bus, parts.clock).stop(1)
