"""A process that holds the embedded server of a folder: prints the DSN, then waits for the end of its input."""

import signal
import sys
from pathlib import Path

from backend.postgres import PostgresUnavailable, embedded

if __name__ == "__main__":
    # Where the tests themselves run in the background, Ctrl-C is ignored by inheritance.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with embedded(Path(sys.argv[1])) as dsn:
            print(dsn, flush=True)
            sys.stdin.read()
    except PostgresUnavailable as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
