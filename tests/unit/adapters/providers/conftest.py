"""Certificates that sign themselves, for servers on loopback."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.adapters.providers.wire.loopback import self_signed

from passmuster.adapters.providers.wire.route import system_tls

Tls = tuple[Path, ssl.SSLContext]


@pytest.fixture(scope="session")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(own_certificate: Tls, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """Return what serves a certificate that the system's authorities, as far as tests go, vouch for."""
    monkeypatch.setenv("SSL_CERT_FILE", str(own_certificate[0]))
    system_tls.cache_clear()
    yield own_certificate[1]
    system_tls.cache_clear()
