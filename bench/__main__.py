"""`python -m bench`: run each and print its ratios."""

import sys

from bench import discovery, probe, report
from tests.support.environment import isolate


def main() -> None:
    """Run all, or those that are named."""
    isolate()
    known = {"probe": probe.lines, "discovery": discovery.lines, "report": report.lines}
    named = sys.argv[1:] or list(known)
    if unknown := set(named) - known.keys():
        sys.exit(f"There is no {', '.join(sorted(unknown))}: name some of {', '.join(known)}.")
    for name in named:
        for line in known[name]():
            sys.stdout.write(f"{name:10} {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
