"""Writes what the present code writes in the runs of the history; see README.md first."""

import pytest

from emulation.account import EmulatedAccount
from tests.support.stored.files import PAGE_OF, STORED, dump, read
from tests.support.stored.replay import Replay, Written


def main() -> None:
    """Play the whole history."""
    with pytest.MonkeyPatch.context() as patch, EmulatedAccount() as account:
        for name, value in account.environment().items():
            patch.setenv(name, value)
        replay = Replay(account, patch)
        for step in read("history/steps.json")["steps"]:
            _write(step["run"], replay.run(step))


def _write(run_id: str, written: Written) -> None:
    folder = STORED / "history" / run_id
    for name, entries in written.documents().items():
        dump(folder / f"{name}.json", entries)
    if run_id == PAGE_OF and written.page:
        (folder / "report.html").write_text(written.page, encoding="utf-8")


if __name__ == "__main__":
    main()
