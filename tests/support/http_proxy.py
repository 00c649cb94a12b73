#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A proxy for http and, by CONNECT, for https: http_proxy.py FD LOG [USER:PASSWORD]. FD listens. Every
request line it gets stands in LOG, with "denied" in front where the password was missing."""
import base64
import socket
import sys
import threading
from urllib.parse import urlsplit

listener = socket.socket(fileno=int(sys.argv[1]))
wanted = sys.argv[3] if len(sys.argv) > 3 else None
log = open(sys.argv[2], "a", buffering=1)


def read_head(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(65536)
        if not data:
            return None, b""
        head += data
    lines, rest = head.split(b"\r\n\r\n", 1)
    return lines.decode("latin-1").split("\r\n"), rest


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def is_allowed(fields):
    if wanted is None:
        return True
    token = base64.b64encode(wanted.encode()).decode()
    return any(field.lower() == ("proxy-authorization: basic " + token).lower() for field in fields)


def serve(connection):
    while serve_one(connection):
        pass
    connection.close()


def serve_one(connection):
    """One request; true: the connection may bring another."""
    lines, rest = read_head(connection)
    if lines is None:
        return False
    method, target, _ = lines[0].split(" ", 2)
    if not is_allowed(lines[1:]):
        log.write("denied " + lines[0] + "\n")
        connection.sendall(b"HTTP/1.1 407 Denied\r\nProxy-Authenticate: Basic realm=\"test\"\r\n"
                           b"Content-Length: 0\r\nConnection: close\r\n\r\n")
        return False
    log.write(lines[0] + "\n")
    if method == "CONNECT":
        host, port = target.rsplit(":", 1)
        server = socket.create_connection((host.strip("[]"), int(port)))
        connection.sendall(b"HTTP/1.1 200 Connected\r\nX-Proxy: tunnel\r\n\r\n")
        server.sendall(rest)
        threading.Thread(target=pump, args=(connection, server), daemon=True).start()
        pump(server, connection)
        return False
    else:
        url = urlsplit(target)
        server = socket.create_connection((url.hostname, url.port or 80))
        path = url.path + ("?" + url.query if url.query else "")
        fields = [f for f in lines[1:] if not f.lower().startswith("proxy-")]
        head = "\r\n".join([f"{method} {path} HTTP/1.1"] + fields) + "\r\n\r\n"
        server.sendall(head.encode("latin-1") + rest)
        threading.Thread(target=pump, args=(server, connection), daemon=True).start()
        return True


while True:
    client, _ = listener.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
