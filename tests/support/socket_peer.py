#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server on a Unix socket: socket_peer.py FD FOLDER. FD listens. It writes the heads of requests into FOLDER/seen and
answers each of them with the bytes that are in FOLDER/answer."""
import socket
import sys
import threading

listener = socket.socket(fileno=int(sys.argv[1]))
folder = sys.argv[2]
lock = threading.Lock()


def note(text):
    with lock, open(folder + "/seen", "ab") as seen:
        seen.write(text)


def answer(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(65536)
        if not more:
            return
        head += more
    note(head)
    with open(folder + "/answer", "rb") as file:
        connection.sendall(file.read())


def serve(connection):
    with connection:
        try:
            answer(connection)
        except OSError:
            pass


while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
