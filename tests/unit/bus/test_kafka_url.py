"""VIGIE_BUS_URL: what it says to the client library, and what is refused by name."""

import pytest

from shared.bus.kafka_url import read_url
from shared.errors import ConfigError


def test_hosts_and_numbers_are_read() -> None:
    settings = read_url("kafka://a:9092,b:9093?partitions=3&replication=2&prefix=vigie.")
    assert settings.servers == ("a:9092", "b:9093")
    assert (settings.partitions, settings.replication, settings.prefix) == (3, 2, "vigie.")
    assert settings.client == {}


def test_a_login_alone_means_scram_over_tls() -> None:
    assert read_url("kafka://vigie:geheim@a:9092").client == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "vigie",
        "sasl_plain_password": "geheim",
    }


def test_tls_and_login_settings_reach_the_library_as_they_are() -> None:
    query = "security_protocol=SSL&ssl_cafile=/etc/ca.pem&ssl_certfile=/etc/a.pem&ssl_keyfile=/etc/a.key"
    assert read_url(f"kafka://a:9092?{query}&ssl_check_hostname=false").client == {
        "security_protocol": "SSL",
        "ssl_cafile": "/etc/ca.pem",
        "ssl_certfile": "/etc/a.pem",
        "ssl_keyfile": "/etc/a.key",
        "ssl_check_hostname": False,
    }
    plain = read_url("kafka://u:p%40ss%3A@a:1?security_protocol=SASL_PLAINTEXT&sasl_mechanism=PLAIN").client
    assert plain["sasl_plain_password"] == "p@ss:"
    assert (plain["security_protocol"], plain["sasl_mechanism"]) == ("SASL_PLAINTEXT", "PLAIN")


def test_every_setting_for_the_library_is_one_that_all_its_clients_take() -> None:
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

    query = "ssl_cafile=a&ssl_certfile=b&ssl_keyfile=c&ssl_check_hostname=true"
    client = read_url(f"kafka://u:p@a:1?{query}").client
    for kind in (KafkaAdminClient, KafkaConsumer, KafkaProducer):
        assert set(client) <= set(kind.DEFAULT_CONFIG)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("kafka://", "names no broker"),
        ("kafka://host", "'host' is not host:port"),
        ("kafka://host:port", "host:port, with a port from 1"),
        ("kafka://a:1?partition=3", "Did you mean partitions"),
        ("kafka://a:1?partitions=many", "partitions is 'many'"),
        ("kafka://a:1?partitions=0", "partitions is '0'"),
    ],
)
def test_what_is_wrong_is_named_with_the_setting(url: str, named: str) -> None:
    with pytest.raises(ConfigError, match="VIGIE_BUS_URL") as error:
        read_url(url)
    assert named in str(error.value)


def test_the_password_is_never_shown() -> None:
    settings = read_url("kafka://vigie:geheim@a:9092")
    assert "geheim" not in repr(settings)
    for url in ("kafka://vigie:geheim@a", "kafka://vigie:geheim?wort@a:9092"):
        with pytest.raises(ConfigError) as error:
            read_url(url)
        assert "geheim" not in str(error.value)
        assert "wort@" not in str(error.value)
