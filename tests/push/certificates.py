"""A certificate authority that lives as long as one test, and one server certificate from it."""

import base64
import datetime
import hashlib
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY = "Nhip Cau test authority"


@dataclass
class Certificates:
    """Files in PEM; `fingerprint` is base64 of the SHA-256 of the server's public key, as Chromium wants it."""

    authority: Path
    server: Path
    fingerprint: str


def _builder(name: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    def called(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(called(name)).issuer_name(called(AUTHORITY)).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))


def make_certificates(folder: Path, hosts: list[str], address: str) -> Certificates:
    """Write `authority.pem` and `server.pem` (with its key) for these host names and this IP address."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    may_sign_certificates = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    root = _builder(AUTHORITY, authority_key.public_key())
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    root = root.add_extension(may_sign_certificates, critical=True).add_extension(identifier, critical=False)
    names = x509.SubjectAlternativeName([*map(x509.DNSName, hosts), x509.IPAddress(ip_address(address))])
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    leaf = _builder(hosts[0], key.public_key()).add_extension(names, critical=False)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    leaf = leaf.add_extension(issued_by, critical=False)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    files = folder / "authority.pem", folder / "server.pem"
    files[0].write_bytes(root.sign(authority_key, hashes.SHA256()).public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    files[1].write_bytes(leaf.sign(authority_key, hashes.SHA256()).public_bytes(pem) + secret)
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    digest = hashlib.sha256(key.public_key().public_bytes(serialization.Encoding.DER, spki)).digest()
    return Certificates(*files, base64.b64encode(digest).decode())
