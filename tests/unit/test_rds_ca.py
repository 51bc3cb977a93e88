"""The CA bundle is the file that SOURCE.md describes, and Python can load it."""

import hashlib
import ssl

import rds_ca


def test_the_bundle_is_the_file_that_aws_publishes() -> None:
    digest = hashlib.sha256(rds_ca.where().read_bytes()).hexdigest()

    assert digest == "90a6f1a7978a1b1b096dca6c57511ca48d3b8cf052f8e704baf358f34ea2f21b"


def test_python_loads_every_certificate_of_the_bundle() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    context.load_verify_locations(rds_ca.where())

    assert context.cert_store_stats() == {"x509": 114, "x509_ca": 114, "crl": 0}
