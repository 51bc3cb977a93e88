"""Emulated accounts that a test starts itself.

They are apart from the tests that share an account, because a new account empties the emulated AWS
of this process.
"""

from emulation.account import EmulatedAccount


def test_a_second_account_starts_empty() -> None:
    with EmulatedAccount() as first:
        first.create_database("orders-prod")
    with EmulatedAccount() as second:
        assert second.client("rds").describe_db_instances()["DBInstances"] == []
        assert second.findings() == []
        assert second.digests() == []


def test_instances_come_in_pages() -> None:
    with EmulatedAccount() as account:
        for number in range(21):
            account.create_database(f"database-{number}")
        pages = list(
            account.client("rds")
            .get_paginator("describe_db_instances")
            .paginate(PaginationConfig={"PageSize": 20})
        )
    assert [len(page["DBInstances"]) for page in pages] == [20, 1]
