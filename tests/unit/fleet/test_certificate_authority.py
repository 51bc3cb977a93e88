"""The CA of an instance is known by the identifier that RDS gives it."""

import pytest

import rds_ca
from rds_tls_audit.adapters.trust_store import read_root_names
from rds_tls_audit.fleet.certificate_authority import derive_root_name


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("rds-ca-rsa2048-g1", "Amazon RDS eu-central-1 Root CA RSA2048 G1"),
        ("rds-ca-rsa4096-g1", "Amazon RDS eu-central-1 Root CA RSA4096 G1"),
        ("rds-ca-ecc384-g1", "Amazon RDS eu-central-1 Root CA ECC384 G1"),
        ("rds-ca-2019", "Amazon RDS eu-central-1 2019 CA"),
        ("rds-ca-default", None),
        ("", None),
    ],
)
def test_an_identifier_stands_for_the_root_of_the_region(identifier: str, name: str | None) -> None:
    assert derive_root_name(identifier, "eu-central-1") == name


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1", "sa-west-1"])
@pytest.mark.parametrize(
    ("identifier", "bundled"),
    [
        ("rds-ca-rsa2048-g1", True),
        ("rds-ca-rsa4096-g1", True),
        ("rds-ca-ecc384-g1", True),
        ("rds-ca-2019", False),
    ],
)
def test_the_bundle_contains_the_roots_in_use_and_not_the_retired_one(
    region: str, identifier: str, *, bundled: bool
) -> None:
    assert (derive_root_name(identifier, region) in read_root_names(str(rds_ca.where()))) is bundled


def test_the_error_names_a_bundle_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match=r"/nowhere/roots\.pem"):
        read_root_names("/nowhere/roots.pem")
