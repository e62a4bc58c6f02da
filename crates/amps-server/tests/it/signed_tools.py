"""What the tests of signed downloads need that shares no code with amps: gzip files of many shapes, readers, the signature."""

import base64
import gzip
import hashlib
import hmac
import io
import pathlib
import re
import struct
import sys
import tarfile
import zlib

FOOTER = "--PACKAGE-FOOTER--"


def member(data, stream):
    """A gzip member around a deflate stream."""
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + stream + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def deflate(data, level=6, strategy=zlib.Z_DEFAULT_STRATEGY, memory=8, piece=None, flush=zlib.Z_SYNC_FLUSH):
    compress = zlib.compressobj(level, zlib.DEFLATED, -15, memory, strategy)
    piece = piece or len(data) or 1
    stream = b""
    for at in range(0, len(data), piece):
        stream += compress.compress(data[at : at + piece])
        if at + piece < len(data):
            stream += compress.flush(flush)
    return stream + compress.flush(zlib.Z_FINISH)


def stored(data, size, empty_before):
    """Stored blocks of a size, with empty ones between them and an empty one of each kind at the end."""
    stream = b""
    for at in range(0, len(data), size):
        block = data[at : at + size]
        stream += b"\0\0\0\xff\xff" * empty_before
        stream += b"\0" + struct.pack("<HH", len(block), len(block) ^ 0xFFFF) + block
    # An empty stored block, then a final block with fixed codes that holds nothing but its end.
    return stream + b"\0\0\0\xff\xff" + b"\x03\0"


def make(tar, folder):
    data = pathlib.Path(tar).read_bytes()
    folder = pathlib.Path(folder)
    shapes = {f"zlib-{level}": deflate(data, level) for level in (0, 1, 6, 9)}
    for name in ("FILTERED", "HUFFMAN_ONLY", "RLE", "FIXED"):
        shapes[f"zlib-{name.lower()}"] = deflate(data, strategy=getattr(zlib, "Z_" + name))
    for name in ("PARTIAL", "SYNC", "FULL", "BLOCK"):
        flush = {"PARTIAL": 1, "SYNC": zlib.Z_SYNC_FLUSH, "FULL": zlib.Z_FULL_FLUSH, "BLOCK": 5}[name]
        shapes[f"zlib-{name.lower()}-flush"] = deflate(data, piece=1009, flush=flush)
    shapes["zlib-tiny-blocks"] = deflate(data, memory=1)
    shapes["stored-single-bytes"] = stored(data[:-4096], 4096, 0)[:-7] + stored(data[-4096:], 1, 1)
    shapes["stored-with-empty-blocks"] = stored(data, 65535, 1000)
    for name, stream in shapes.items():
        (folder / f"{name}.ampkg").write_bytes(member(data, stream))
    third = len(data) // 3
    pieces = [b"", data[:third], b"", b"", data[third : third + 1], data[third + 1 :], b""]
    members = [member(piece, deflate(piece, level)) for level, piece in enumerate(pieces)]
    (folder / "members.ampkg").write_bytes(b"".join(members))
    single = b"".join(member(data[at : at + 16384], stored(data[at : at + 16384], 16384, 0)) for at in range(0, len(data), 16384))
    (folder / "members-of-stored-blocks.ampkg").write_bytes(single)
    (folder / "with-every-header-field.ampkg").write_bytes(header_fields(data))


def header_fields(data):
    head = b"\x1f\x8b\x08" + bytes([2 | 4 | 8 | 16]) + bytes(5) + b"\x03" + b"\x04\0ABCD" + b"name\0" + b"comment\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + member(data, deflate(data))[10:]


def entries(package):
    """Name, kind, size and content of every entry, read by the modules gzip and tarfile."""
    with gzip.open(package) as unpacked, tarfile.open(fileobj=io.BytesIO(unpacked.read()), errorlevel=2) as archive:
        return [
            (entry.name, entry.type, entry.size, entry.mode, archive.extractfile(entry).read() if entry.isreg() else b"")
            for entry in archive
        ]


def check(upload, *downloads):
    payload = [entry for entry in entries(upload) if not entry[0].startswith(FOOTER)]
    assert len(payload) > 3, len(payload)
    for download in downloads:
        found = entries(download)
        count = len(payload)
        assert found[:count] == payload, download
        assert len(found) > count and all(entry[0].startswith(FOOTER) for entry in found[count:]), download


def extract(package, device, folder):
    """The store's signature in DER, and the text that it is over."""
    footers = b"\n".join(entry[4] for entry in entries(package) if entry[0].startswith(FOOTER)).decode()
    (digest,) = re.findall(r"^digest: *[\"']?([0-9a-f]{64})", footers, re.M)
    (signature,) = re.findall(r"^storeSignature: *[\"']?([A-Za-z0-9+/=]+)", footers, re.M)
    signed = bytes.fromhex(digest)
    if device:
        signed = hmac.new(device.encode(), signed, hashlib.sha256).digest()
    folder = pathlib.Path(folder)
    (folder / "signature.der").write_bytes(base64.b64decode(signature, validate=True))
    (folder / "content").write_bytes(base64.b64encode(signed))


{"make": make, "check": check, "extract": extract}[sys.argv[1]](*sys.argv[2:])
