"""A process that holds the embedded server of a folder: prints the DSN, then waits for the end of its input."""

import sys
from pathlib import Path

from backend.postgres import PostgresUnavailable, embedded

if __name__ == "__main__":
    try:
        with embedded(Path(sys.argv[1])) as dsn:
            print(dsn, flush=True)
            sys.stdin.read()
    except PostgresUnavailable as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
