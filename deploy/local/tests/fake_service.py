"""Stands for a service: `python fake_service.py NAME` tells its surroundings and, in `broken` mode, ends at once."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        content = {"name": sys.argv[1], "pid": os.getpid(), "path": self.path, "environment": dict(os.environ)}
        self.wfile.write(json.dumps(content).encode())


def main() -> None:
    if sys.argv[1] == "broken":
        sys.exit("no such table: organisation")
    ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), _Handler).serve_forever()


if __name__ == "__main__":
    main()
