"""The health check of a container: `python -m deploy.compose.ready NAME`. It prints the service's own answer."""

import sys
from http.client import HTTPConnection, HTTPException

_SECONDS = 4.0


def main(name: str) -> int:
    """Ask the service in this container whether it is ready; 0 if it is."""
    connection = HTTPConnection("127.0.0.1", 8000, timeout=_SECONDS)
    try:
        connection.request("GET", f"/{name}/health/ready")
        answer = connection.getresponse()
        sys.stdout.write(answer.read().decode())
    except (OSError, HTTPException) as error:
        sys.stdout.write(f"no answer: {error}")
        return 1
    return 0 if answer.status == 200 else 1  # noqa: PLR2004 - OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
