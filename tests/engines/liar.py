"""An engine that says what a file holds, list and inspections: liar.py SOCKET FILE."""

import json
import socketserver
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path


class Answers(BaseHTTPRequestHandler):
    """Docker's two answers, from containers told by id."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        told = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
        id_ = self.path.split("/")[2]
        body = json.dumps([{"Id": known} for known in told] if id_ == "json" else told[id_]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base calls it
        del format, args


if __name__ == "__main__":
    with socketserver.UnixStreamServer(sys.argv[1], Answers) as server:
        server.serve_forever()
