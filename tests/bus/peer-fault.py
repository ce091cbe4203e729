#!/usr/bin/python3
# peer-fault.py: a meter line that misbehaves as it is told by the register that is asked
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: peer-fault.py rtu|tcp|pty:PATH|dial:PORT:REGISTRATION [PORT]
#
# Register A of unit U holds (A + 256 * U) modulo 65536, so that a reply of another register or of
# another unit is seen at once. The high digit of the register is the fault. Prints its port.
import os
import socket
import struct
import sys
import threading
import time
import tty

LATE_S = 0.4
GOOD, LATE, WRONG_UNIT, CRC, PREFIX, DRIP, SILENCE, CLOSE, TRUNCATED, DUPLICATE, TRAILING, BUSY, \
    ECHO, HALF_OPEN, CRC_ONCE, LONG = range(16)
struck = set()


def crc(data):
    value = 0xFFFF
    for octet in data:
        value ^= octet
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return struct.pack('<H', value)


def answer(request):
    unit, function = request[0], request[1]
    address, count = struct.unpack('>HH', request[2:6])
    if function == 3:
        return bytes([unit, 3, 2 * count]) + b''.join(
            struct.pack('>H', (address + i + 256 * unit) & 0xFFFF) for i in range(count))
    if function == 16:
        return request[:6]
    if function == 0x20:
        return bytes([unit, 0x20]) + bytes(range(15 if address >> 12 == LONG else 11))
    return bytes([unit, function | 0x80, 1])


def strike(fault, request, reply, write):
    """Answers one RTU request. Returns False when the connection is to be closed."""
    whole = reply + crc(reply)
    if fault == LATE:
        threading.Timer(LATE_S, write, (whole,)).start()
    elif fault == WRONG_UNIT:
        other = bytes([reply[0] + 1]) + reply[1:]
        write(other + crc(other))
    elif fault == CRC or (fault == CRC_ONCE and request[:6] not in struck):
        struck.add(request[:6])
        write(whole[:-2] + bytes([whole[-2] ^ 0x5A, whole[-1]]))
    elif fault == PREFIX:
        write(b'\x00\xff\x13' + whole)
    elif fault == DRIP:
        for octet in whole:
            write(bytes([octet]))
            time.sleep(0.05)
    elif fault == SILENCE:
        pass
    elif fault == CLOSE:
        return False
    elif fault == TRUNCATED:
        write(whole[:-1])
    elif fault == DUPLICATE:
        write(whole + whole)
    elif fault == TRAILING:
        write(whole + b'\x55\xaa')
    elif fault == BUSY:
        busy = bytes([reply[0], request[1] | 0x80, 6])
        write(busy + crc(busy))
    elif fault == ECHO:
        write(request + whole)
    else:
        write(whole)
    return True


def serve_rtu(read, write):
    data = b''
    dead = False
    while True:
        piece = read()
        if not piece:
            return
        data += piece
        while len(data) >= 8:
            length = 8 if data[1] == 3 else 9 + data[6]
            if len(data) < length:
                break
            request, data = data[:length], data[length:]
            if crc(request[:-2]) != request[-2:]:
                continue
            fault = request[2] >> 4
            dead = dead or fault == HALF_OPEN
            if not dead and not strike(fault, request, answer(request), write):
                return


def serve_tcp(read, write):
    data = b''

    def frame(transaction, unit, pdu, protocol=0, length=None):
        write(struct.pack('>HHHB', transaction, protocol,
                          len(pdu) + 1 if length is None else length, unit) + pdu)

    while True:
        piece = read()
        if not piece:
            return
        data += piece
        while len(data) >= 12:
            transaction, _, length = struct.unpack('>HHH', data[:6])
            if len(data) < 6 + length:
                break
            request, data = data[6:6 + length], data[6 + length:]
            reply = answer(request + b'\0\0')
            unit, pdu, fault = reply[0], reply[1:], request[2] >> 4
            if fault == 1:
                threading.Timer(LATE_S, frame, (transaction, unit, pdu)).start()
            elif fault == 2:
                frame(transaction, unit + 1, pdu)
            elif fault == 3:
                frame(transaction, unit, pdu, protocol=1)
            elif fault == 4:
                frame(transaction, unit, pdu, length=99)
            elif fault == 5:
                frame(transaction - 1 & 0xFFFF, unit, pdu)
            elif fault != 6:
                frame(transaction, unit, pdu)


def serve_socket(sock, serve):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(data):
        try:
            sock.sendall(data)
        except OSError:
            pass

    try:
        serve(lambda: sock.recv(512), write)
    except OSError:
        pass
    sock.close()


def die_with_parent():
    """A test that was broken off must not leave its peer behind."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


def main():
    threading.Thread(target=die_with_parent, daemon=True).start()
    kind = sys.argv[1]
    if kind.startswith('pty:'):
        fd = os.open(kind[4:], os.O_RDWR | os.O_NOCTTY)
        tty.setraw(fd)
        print('ready 0', flush=True)
        serve_rtu(lambda: os.read(fd, 512), lambda data: os.write(fd, data))
        return
    if kind.startswith('dial:'):
        _, port, registration = kind.split(':')
        print('ready 0', flush=True)
        while True:
            try:
                sock = socket.create_connection(('127.0.0.1', int(port)))
                sock.sendall(registration.encode())
                serve_socket(sock, serve_rtu)
            except OSError:
                pass
            time.sleep(0.05)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('127.0.0.1', int(sys.argv[2]) if len(sys.argv) > 2 else 0))
    listener.listen(8)
    print('ready', listener.getsockname()[1], flush=True)
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve_socket, daemon=True,
                         args=(sock, serve_tcp if kind == 'tcp' else serve_rtu)).start()


main()
