"""Is the web of this container able to answer? Exit code 0 is yes."""

import os
import sys
import urllib.request

PORT = os.environ.get("API_PORT", "8000")


def main() -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
