"""A model hub on the loopback: what huggingface_hub asks for, of one repository."""

import hashlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

COMMIT = "c0ffee" * 6 + "c0de"


class HubServer:
    """`with HubServer("org/name", folder) as hub`. Answers 404 for every other repository."""

    def __init__(self, repository: str, folder: Path) -> None:
        self.requests: list[str] = []
        answer = _answers(repository, folder)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer, self.requests))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _answers(repository: str, folder: Path) -> Callable[[str], bytes | None]:
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    info = {"id": repository, "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}
    tree = [
        {"type": "file", "path": name, "size": path.stat().st_size, "oid": _tag(path.read_bytes())}
        for name, path in files.items()
    ]

    def answer(path: str) -> bytes | None:
        place = path.partition("?")[0]
        if place in (f"/api/models/{repository}", f"/api/models/{repository}/revision/main"):
            return json.dumps(info).encode()
        if place == f"/api/models/{repository}/tree/{COMMIT}":
            return json.dumps(tree).encode()
        file = files.get(place.removeprefix(f"/{repository}/resolve/{COMMIT}/"))
        return file.read_bytes() if file else None

    return answer


def _tag(body: bytes) -> str:
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()


def _handler(answer: Callable[[str], bytes | None], requests: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = answer(self.path)
            requests.append(f"{self.command} {self.path}")
            self.send_response(200 if body is not None else 404)
            if body is None:
                self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", str(len(body or b"")))
            self.send_header("ETag", f'"{_tag(body or b"")}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body or b"")

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler
