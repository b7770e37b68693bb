"""The API answers whatever schemathesis makes of its description, and as it says there."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from services.portal.routes import API
from tests.unit.portal.conftest import furnished
from tests.unit.portal.site import Portal

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
)


@pytest.fixture(scope="module")
def furnished_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    yield from furnished(tmp_path_factory.mktemp("fuzzed"))


@pytest.fixture(scope="module")
def described(furnished_portal: Portal) -> Any:
    return schemathesis.openapi.from_asgi("/api/openapi.json", furnished_portal.app)


@pytest.mark.parametrize("path", [path for _, path, *_ in API])
def test_every_answer_is_as_described(described: Any, furnished_portal: Portal, path: str) -> None:
    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(described[path]["GET"].as_strategy())
    def holds(case: Any) -> None:
        furnished_portal.clock.advance(seconds=1)  # nobody is over the limit
        case.validate_response(case.call(headers={"Host": "127.0.0.1:8080"}), checks=CHECKS)

    holds()


def test_what_does_not_fit_the_description_is_refused(described: Any, furnished_portal: Portal) -> None:
    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(described["/api/v1/items"]["GET"].as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def holds(case: Any) -> None:
        furnished_portal.clock.advance(seconds=1)
        answer = case.call(headers={"Host": "127.0.0.1:8080"})
        case.validate_response(answer, checks=(*CHECKS, negative_data_rejection))

    holds()
