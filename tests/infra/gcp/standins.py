"""Stand-ins on loopback for what Google Cloud has and a laptop has not.

The metadata server that gives a function its tokens, the Cloud SQL Admin API that signs its
certificate, the TLS end of a Cloud SQL instance in front of a real PostgreSQL, and the IAM API
that signs addresses. What they answer follows Google's documentation of each.
"""

import base64
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.infra.gcp.certificates import Authority

PROJECT, REGION, INSTANCE = "pixmill-test", "europe-west1", "pixmill"
CONNECTION_NAME = f"{PROJECT}:{REGION}:{INSTANCE}"
_TLS_WANTED = struct.pack("!ii", 8, 80877103)  # PostgreSQL's SSLRequest
_LOGIN_SCOPE = "https://www.googleapis.com/auth/sqlservice.login"


@dataclass
class Google:
    """The stand-ins' answers, and the requests that they got."""

    account: str = f"pixmill-images@{PROJECT}.iam.gserviceaccount.com"
    life: timedelta = timedelta(hours=1)  # of the next certificate
    refused: str = ""  # why the Admin API says no
    tokens: dict[str, str] = field(default_factory=dict)  # token → the account that has it
    certificates: list[dict[str, Any]] = field(default_factory=list)  # what was asked for
    accounts: dict[int, str] = field(default_factory=dict)  # serial number → who may log in
    server_authority: Authority = field(default_factory=lambda: Authority("server"))
    client_authority: Authority = field(default_factory=lambda: Authority("clients"))

    def token(self, scopes: str) -> str:
        """Return a token of the function's account, marked with what it is for."""
        kind = "login" if scopes == _LOGIN_SCOPE else "admin"
        token = f"{kind}-{len(self.tokens)}"
        self.tokens[token] = self.account
        return token

    def certificate(self, asked: dict[str, Any]) -> str:
        """Return an ephemeral certificate; whoever has it may log in as the token's account."""
        self.certificates.append(asked)
        made = self.client_authority.client(asked["public_key"], self.life)
        if token := asked.get("access_token"):
            self.accounts[made.serial_number] = self.tokens[token]
        return made.public_bytes(serialization.Encoding.PEM).decode()


class Apis:
    """The metadata server and the Cloud SQL Admin API, at one address."""

    def __init__(self, google: Google) -> None:
        handler = type("Handler", (_Api,), {"google": google})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()


class _Api(BaseHTTPRequestHandler):
    google: Google

    def do_GET(self) -> None:
        """The metadata server, and an instance's settings."""
        url = urlsplit(self.path)
        if url.path.endswith("/connectSettings"):
            self._of_admin(
                lambda: {
                    "region": REGION,
                    "databaseVersion": "POSTGRES_17",
                    "ipAddresses": [{"type": "PRIVATE", "ipAddress": "127.0.0.1"}],
                    "serverCaCert": {"cert": self.google.server_authority.pem},
                }
            )
        elif url.path.endswith("/token"):
            scopes = ",".join(parse_qs(url.query).get("scopes", []))
            self._json({"access_token": self.google.token(scopes), "expires_in": 3599})
        elif "/service-accounts/" in url.path:
            self._json({"email": self.google.account, "scopes": [], "aliases": ["default"]})
        elif url.path.endswith("/project/project-id"):
            self._send(200, PROJECT.encode(), "application/text")
        elif url.path.strip("/"):
            self._send(404, b"", "text/plain")  # no universe of its own: googleapis.com
        else:
            self._send(200, b"computeMetadata/", "text/plain")

    def do_POST(self) -> None:
        """A certificate for a public key."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._of_admin(lambda: {"ephemeralCert": {"cert": self.google.certificate(asked)}})

    def _of_admin(self, answer: Callable[[], dict[str, Any]]) -> None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token.startswith("admin-") or token not in self.google.tokens:
            self._json({"error": {"message": "Invalid Credentials"}}, 401)
        elif self.google.refused:
            self._json({"error": {"message": self.google.refused}}, 403)
        else:
            self._json(answer())

    def _json(self, body: dict[str, Any], status: int = 200) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Metadata-Flavor", "Google")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class TlsServer:
    """Accepts TLS connections one thread each; `serve` gets what is inside."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more."""
        self._listener.close()

    def before_tls(self, connection: socket.socket) -> None:
        """Exchange the bytes that precede TLS."""

    def serve(self, connection: ssl.SSLSocket) -> None:
        """Serve one connection."""
        raise NotImplementedError

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self.before_tls(connection)
                with self._context.wrap_socket(connection, server_side=True) as inside:
                    self.serve(inside)
            except OSError:  # an SSLError too: a client without a certificate that holds
                return


class Instance(TlsServer):
    """A Cloud SQL instance's end of TLS: who has a certificate reaches PostgreSQL behind it."""

    def __init__(self, google: Google, postgres_port: int, directory: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        chain = directory / "server.pem"
        chain.write_text(google.server_authority.server("cloud-sql"))
        context.load_cert_chain(chain)
        context.load_verify_locations(cadata=google.client_authority.pem)
        context.verify_mode = ssl.CERT_REQUIRED
        super().__init__(context)
        self._google = google
        self._postgres_port = postgres_port
        self.tls_inside_tls = 0

    def serve(self, connection: ssl.SSLSocket) -> None:
        """Check that the login is the certificate's, then hand bytes on in both directions."""
        serial = int(str((connection.getpeercert() or {})["serialNumber"]), 16)
        startup = _read_startup(connection)
        if startup == _TLS_WANTED:
            self.tls_inside_tls += 1
            connection.sendall(b"N")
            startup = _read_startup(connection)
        user = _parameters(startup)["user"]
        account = self._google.accounts.get(serial)
        if user.endswith(".iam") and account != f"{user}.gserviceaccount.com":
            connection.sendall(_refusal("28000", f'IAM login as "{user}" failed'))
            return
        with socket.create_connection(("127.0.0.1", self._postgres_port)) as postgres:
            postgres.sendall(startup)
            back = threading.Thread(target=_copy, args=(postgres, connection), daemon=True)
            back.start()
            _copy(connection, postgres)
            back.join(5)


def _read_startup(connection: ssl.SSLSocket) -> bytes:
    length = connection.recv(4)
    rest = b""
    while len(rest) < struct.unpack("!i", length)[0] - 4:
        rest += connection.recv(4096)
    return length + rest


def _parameters(startup: bytes) -> dict[str, str]:
    words = [word.decode() for word in startup[8:].split(b"\0") if word]
    return dict(zip(words[::2], words[1::2], strict=True))


def _refusal(code: str, text: str) -> bytes:
    fields = f"SFATAL\0C{code}\0M{text}\0\0".encode()
    return b"E" + struct.pack("!i", len(fields) + 4) + fields


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


class Iam(TlsServer):
    """iamcredentials.googleapis.com behind a proxy: signs with an account's key what it is sent."""

    def __init__(self, authority: Authority, account: dict[str, str], directory: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        chain = directory / "iam.pem"
        chain.write_text(authority.server("iamcredentials.googleapis.com"))
        context.load_cert_chain(chain)
        super().__init__(context)
        self._account = account
        self.asked: list[str] = []
        self.broken = 0  # so many answers are 503 first

    def before_tls(self, connection: socket.socket) -> None:
        """Agree to be the way to a host."""
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        assert head.startswith(b"CONNECT iamcredentials.googleapis.com:443 ")
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

    def serve(self, connection: ssl.SSLSocket) -> None:
        """Answer one signBlob request."""
        stream = connection.makefile("rb")
        self.asked.append(stream.readline().decode().strip())
        headers = {}
        while line := stream.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        asked = json.loads(stream.read(int(headers["content-length"])))
        self.asked.append(headers["authorization"])
        if self.broken:
            self.broken -= 1
            self._answer(connection, "503 Service Unavailable", {})
            return
        key = load_pem_private_key(self._account["private_key"].encode(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey)
        signature = key.sign(
            base64.b64decode(asked["payload"]), padding.PKCS1v15(), hashes.SHA256()
        )
        self._answer(
            connection,
            "200 OK",
            {"keyId": "1", "signedBlob": base64.b64encode(signature).decode()},
        )

    def _answer(self, connection: ssl.SSLSocket, status: str, body: dict[str, str]) -> None:
        content = json.dumps(body).encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            f"Date: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S GMT}\r\n"
            f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(head.encode() + content)
