"""A TCP server that sends its one client so many bytes a second for so many seconds: paced_sender.py PORT RATE SECONDS."""

import socket
import sys
import time

BEAT_S = 0.01


def send(port: int, rate: int, seconds: int) -> None:
    """Serve one client, keeping to the schedule of the whole however late one beat comes."""
    with socket.create_server(("", port)) as listener:
        listener.settimeout(20)
        client, _ = listener.accept()
    with client:
        client.settimeout(20)
        piece = bytes(int(rate * BEAT_S))
        began = time.monotonic()
        for beat in range(int(seconds / BEAT_S)):
            time.sleep(max(0.0, began + beat * BEAT_S - time.monotonic()))
            client.sendall(piece)


if __name__ == "__main__":
    send(*(int(argument) for argument in sys.argv[1:4]))
