"""Certificates for servers and clients that a test makes up."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID


class Authority:
    """Signs certificates, and vouches for itself."""

    def __init__(self, name: str) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._name = _make_name(name)
        own = self._signed(self._name, self._key.public_key(), datetime.timedelta(days=1))
        self.pem = own.public_bytes(serialization.Encoding.PEM).decode()

    def server(self, host: str) -> str:
        """Return a key and a certificate for a host, as one PEM text."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = self._signed(
            _make_name(host), key.public_key(), datetime.timedelta(days=1), host=host
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()

    def client(self, public_key: str, life: datetime.timedelta) -> x509.Certificate:
        """Return a certificate for a key in PEM that ends so much later than now; or has ended."""
        key = serialization.load_pem_public_key(public_key.encode())
        assert isinstance(key, rsa.RSAPublicKey)
        return self._signed(_make_name("client"), key, life)

    def _signed(
        self,
        name: x509.Name,
        key: CertificatePublicKeyTypes,
        life: datetime.timedelta,
        host: str | None = None,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + life)
            .add_extension(
                x509.BasicConstraints(ca=name == self._name, path_length=None), critical=True
            )
        )
        if host:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _make_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
