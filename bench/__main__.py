"""`python -m bench`: run the benchmarks and print their ratios."""

import sys

from bench import discovery, probe, report
from tests.support.environment import isolate


def main() -> None:
    """Run all benchmarks, or those that the arguments name."""
    isolate()
    known = {"probe": probe.lines, "discovery": discovery.lines, "report": report.lines}
    names = sys.argv[1:] or list(known)
    if unknown := set(names) - known.keys():
        sys.exit(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(known)}.")
    for name in names:
        for line in known[name]():
            sys.stdout.write(f"{name:10} {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
