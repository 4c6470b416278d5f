"""One call of a CRI socket: cri_call.py SOCKET METHOD REQUEST-IN-HEX; prints the answer in hex. Needs python3-grpcio."""

import sys

import grpc  # type: ignore[import-not-found, import-untyped, unused-ignore]


def call(socket: str, method: str, request: bytes) -> bytes:
    """The answer's bytes; protobuf is left to the caller."""
    with grpc.insecure_channel(f"unix://{socket}") as channel:
        return bytes(channel.unary_unary(f"/runtime.v1.RuntimeService/{method}")(request, timeout=30))


if __name__ == "__main__":
    sys.stdout.write(call(sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3])).hex())
