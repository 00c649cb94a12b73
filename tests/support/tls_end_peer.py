#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An https server for one answer without a length: tls_end_peer.py FD CHAIN KEY polite|rude. FD listens.
The answer ends with the connection; only the polite one says in TLS that this is the end."""
import socket
import ssl
import sys

listener = socket.socket(fileno=int(sys.argv[1]))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
connection, _ = listener.accept()
with context.wrap_socket(connection, server_side=True) as secured:
    head = b""
    while b"\r\n\r\n" not in head:
        head += secured.recv(65536)
    secured.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1000)
    if sys.argv[4] == "polite":
        secured.unwrap()
