# till_proxy.py: stands between the program and a device server, and strikes at a chosen frame
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import select
import socket
import struct
import threading
import time

from till_e2e import free_port

PURCHASE = 0x20
LINGER_NONE = struct.pack('ii', 1, 0)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
    connection.close()


class Proxy:
    """Forwards frames. A strike is armed for the n-th request: `before` it goes on, `after` the meter
    obeyed and before the reply goes back, or `late`: withheld, and handed to the device server when
    somebody has connected again, as a device server does with what it had in its buffer."""

    def __init__(self, device_port):
        self.device_port = device_port
        self.port = free_port()
        self.listener = socket.create_server(('127.0.0.1', self.port))
        self.lock = threading.Lock()
        self.ended = False
        self.disarm()
        self.held = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def line(self):
        return f'127.0.0.1:{self.port}'

    def disarm(self):
        with self.lock:
            self.strike = self.kind = None
            self.wanted = self.seen = 0
            self.purchases_only = self.replying = self.struck = False
            self.hold_s = 0

    def arm(self, kind, wanted, strike, purchases_only=False, hold_s=1.5):
        with self.lock:
            self.kind, self.wanted, self.strike = kind, wanted, strike
            self.purchases_only, self.hold_s = purchases_only, hold_s
            self.seen, self.replying, self.struck = 0, False, False

    def close(self):
        self.ended = True
        self.listener.close()
        self.thread.join(10)

    def on_request(self, frame):
        """What becomes of a request: forward it or not, strike now or not."""
        with self.lock:
            is_purchase = len(frame) > 1 and frame[1] == PURCHASE
            if self.strike is None or self.struck or (self.purchases_only and not is_purchase):
                return True, None
            self.seen += 1
            if self.seen < self.wanted:
                return True, None
            if self.kind == 'after':
                self.replying = True
                return True, None
            self.struck = True
            if self.kind == 'late':
                self.held.append((time.monotonic() + self.hold_s, frame))
            return False, self.strike

    def on_reply(self):
        with self.lock:
            if not self.replying:
                return True, None
            self.replying, self.struck = False, True
            return False, self.strike

    def take_due(self):
        with self.lock:
            due = [frame for at, frame in self.held if at <= time.monotonic()]
            self.held = [(at, frame) for at, frame in self.held if at > time.monotonic()]
        return due

    def run(self):
        while not self.ended:
            try:
                if not select.select([self.listener], [], [], 0.1)[0]:
                    continue
                peer = self.listener.accept()[0]
            except (OSError, ValueError):
                return
            try:
                device = socket.create_connection(('127.0.0.1', self.device_port), 5)
            except OSError:
                reset(peer)
                continue
            try:
                self.serve(peer, device)
            except OSError:
                pass
            reset(device)
            reset(peer)

    def deliver_held(self, device):
        for frame in self.take_due():
            device.sendall(frame)
            # Its reply has nobody to go to.
            if select.select([device], [], [], 1)[0]:
                device.recv(4096)

    def serve(self, peer, device):
        for connection in (peer, device):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting = False
        while not self.ended:
            if not waiting:
                self.deliver_held(device)
            readable = select.select([peer, device], [], [], 0.05)[0]
            if peer in readable:
                frame = peer.recv(4096)
                if not frame:
                    return
                forward, strike = self.on_request(frame)
                if forward:
                    device.sendall(frame)
                    waiting = True
                if strike is not None:
                    strike()
            elif device in readable:
                reply = device.recv(4096)
                if not reply:
                    return
                waiting = False
                forward, strike = self.on_reply()
                if forward:
                    peer.sendall(reply)
                if strike is not None:
                    strike()
            elif waiting:
                waiting = False
