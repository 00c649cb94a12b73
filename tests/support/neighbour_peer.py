#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A neighbour: neighbour_peer.py FD CHAIN KEY TRUSTED FOLDER. FD listens. It speaks TLS 1.3 with whoever has a
certificate that is in TRUSTED, writes the heads of requests into FOLDER/seen, and a line "closed" for each
connection that ended, and answers every request with the bytes that are in FOLDER/answer. Where those end with
"<hold>" the connection stays open behind them until the other side closes it."""
import socket
import ssl
import sys
import threading

HOLD = b"<hold>"
listener = socket.socket(fileno=int(sys.argv[1]))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.verify_mode = ssl.CERT_REQUIRED
context.load_cert_chain(sys.argv[2], sys.argv[3])
context.load_verify_locations(sys.argv[4])
folder = sys.argv[5]
lock = threading.Lock()


def note(text):
    with lock, open(folder + "/seen", "ab") as seen:
        seen.write(text)


def answer(secured):
    head = b""
    while b"\r\n\r\n" not in head:
        more = secured.recv(65536)
        if not more:
            return
        head += more
    note(head)
    with open(folder + "/answer", "rb") as file:
        told = file.read()
    secured.sendall(told.removesuffix(HOLD))
    while told.endswith(HOLD) and secured.recv(65536):
        pass


def serve(connection):
    try:
        with context.wrap_socket(connection, server_side=True) as secured:
            answer(secured)
    except OSError:
        pass
    note(b"closed\n")


while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
