import pytest

from rds_tls_audit.protocol.cipher_strength import Strength, classify_strength, is_weak

BROKEN, DATED, MODERN = Strength.BROKEN, Strength.DATED, Strength.MODERN


@pytest.mark.parametrize(
    ("tls_version", "cipher", "expected"),
    [
        ("TLSv1.3", "TLS_AES_256_GCM_SHA384", MODERN),
        ("TLSv1.3", "TLS_AES_128_GCM_SHA256", MODERN),
        ("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", MODERN),
        ("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", MODERN),
        ("TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305", MODERN),
        ("TLSv1.2", "DHE-RSA-AES128-GCM-SHA256", MODERN),
        ("TLSv1.2", "ECDHE-RSA-AES128-SHA256", MODERN),
        ("TLSv1.2", "ECDHE-RSA-AES256-SHA384", MODERN),
        ("TLSv1.2", "ECDHE-RSA-AES256-SHA", DATED),
        ("TLSv1.2", "DHE-RSA-CAMELLIA256-SHA", DATED),
        ("TLSv1.2", "AES256-GCM-SHA384", DATED),
        ("TLSv1.2", "AES128-SHA256", DATED),
        ("TLSv1.2", "AES128-SHA", DATED),
        ("TLSv1.2", "ECDH-RSA-AES256-GCM-SHA384", DATED),
        ("TLSv1.2", "NULL-MD5", BROKEN),
        ("TLSv1.2", "NULL-SHA256", BROKEN),
        ("TLSv1.2", "ECDHE-RSA-NULL-SHA", BROKEN),
        ("TLSv1.2", "ADH-AES256-GCM-SHA384", BROKEN),
        ("TLSv1.2", "AECDH-AES256-SHA", BROKEN),
        ("TLSv1.2", "EXP-RC4-MD5", BROKEN),
        ("TLSv1.2", "EXP1024-RC4-SHA", BROKEN),
        ("TLSv1.2", "DES-CBC-SHA", BROKEN),
        ("TLSv1.2", "DES-CBC3-SHA", BROKEN),
        ("TLSv1.2", "EDH-RSA-DES-CBC3-SHA", BROKEN),
        ("TLSv1.2", "ECDHE-ECDSA-DES-CBC3-SHA", BROKEN),
        ("TLSv1.2", "RC4-SHA", BROKEN),
        ("TLSv1.2", "ECDHE-RSA-RC4-SHA", BROKEN),
        ("TLSv1.2", "RC2-CBC-MD5", BROKEN),
        ("TLSv1.1", "ECDHE-RSA-AES256-SHA", BROKEN),
        ("TLSv1.0", "AES256-SHA", BROKEN),
        ("TLSv1", "AES256-SHA", BROKEN),
        ("SSLv3", "AES256-SHA", BROKEN),
        ("SSLv2", None, BROKEN),
        ("TLSv1.1", None, BROKEN),
        ("TLSv1.2", None, Strength.UNKNOWN),
        ("TLSv1.2", "", Strength.UNKNOWN),
        ("TLSv1.4", "TLS_AES_256_GCM_SHA384", Strength.UNKNOWN),
        ("TLSv1.4", "RC4-MD5", BROKEN),
        ("", "ECDHE-RSA-AES256-GCM-SHA384", Strength.UNKNOWN),
    ],
)
def test_protocol_and_suite_are_classified(
    tls_version: str, cipher: str | None, expected: Strength
) -> None:
    assert classify_strength(tls_version, cipher) is expected


@pytest.mark.parametrize("cipher", ["ECDHE-PSK-3DES-EDE-CBC-SHA", "SRP-RSA-3DES-EDE-CBC-SHA"])
def test_triple_des_is_also_weak_under_its_other_name(cipher: str) -> None:
    assert is_weak(cipher)


@pytest.mark.parametrize(
    "cipher",
    ["TLS_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-SHA", "AES128-SHA", "DHE-DSS-AES256-GCM-SHA384"],
)
def test_a_suite_that_is_only_dated_is_not_weak(cipher: str) -> None:
    assert not is_weak(cipher)
