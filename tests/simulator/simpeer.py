# simpeer.py: starts the simulator and speaks to it byte by byte, with a CRC of its own
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

HEADER = 'building,floor,shop,area_m2,tenant,phone,line,line_kind,address,profile,meter_no,ct,' \
         'tariff,balance_mode,baud,parity,pt'
DTSY = '202411000001'
DDSY = '202411000002'
DTSD = '202411000003'
ADL = '202411000004'


def crc(data):
    """The table-driven form, so that it shares nothing with the simulator's own."""
    value = 0xffff
    for byte in data:
        value = (value >> 8) ^ TABLE[(value ^ byte) & 0xff]
    return struct.pack('<H', value)


def make_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0xa001 if value & 1 else 0)
        table.append(value)
    return table


TABLE = make_table()


def read_pdu(address, count):
    return struct.pack('>BHH', 3, address, count)


def write_pdu(address, *values):
    return struct.pack('>BHHB', 16, address, len(values), 2 * len(values)) + \
        b''.join(struct.pack('>H', value) for value in values)


def vendor_pdu(address, data):
    return struct.pack('>BHBBB', 0x20, address, 0, len(data) // 2, len(data)) + data


def purchase_pdu(fen, count):
    return vendor_pdu(0x0100, struct.pack('>IHH', fen, count, 0))


def row(unit, profile, number, line='127.0.0.1:0', kind='rtu-tcp', mode='meter', ct=1, rest=',,'):
    return f'A,1,{100 + unit},50,"Shop, {unit}",,{line},{kind},{unit},{profile},{number},{ct},' \
           f'std,{mode},{rest}'


SITE = [row(1, 'dtsy1352', DTSY), row(2, 'ddsy1352', DDSY),
        row(3, 'dtsd1352', DTSD, mode='server', ct=40),
        row(4, 'adl400', ADL, mode='server', ct=20)]


class Simulator:
    """One running simulator and its control socket."""

    def __init__(self, rows, *arguments, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix='till-sim-')
        self.own = folder is None
        self.site = os.path.join(self.folder, 'site.csv')
        with open(self.site, 'w', encoding='utf-8') as file:
            file.write('\n'.join([HEADER] + rows) + '\n')
        self.arguments = list(arguments)
        self.start()

    def start(self):
        path = os.path.join(self.folder, 'control')
        self.process = subprocess.Popen(
            [os.environ['TILLWATT_SIMULATOR'], '--site', self.site, '--control', path,
             '--die-with-parent'] + self.arguments, stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.process.stdout.readline())
        self.control = socket.socket(socket.AF_UNIX)
        self.control.settimeout(20)
        self.control.connect(path)
        self.file = self.control.makefile('rw')

    def port(self, index=0):
        return self.ready['lines'][index]['port']

    def line(self, index=0):
        return self.ready['lines'][index]['line']

    def say(self, command):
        self.file.write(command + '\n')
        self.file.flush()
        return json.loads(self.file.readline())

    def do(self, command):
        answer = self.say(command)
        assert answer['ok'], answer
        return answer

    def meter(self, number=DTSY):
        return self.do('meter ' + number)

    def stats(self):
        return self.do('stats ' + self.line())['stats']

    def hush(self):
        self.file.close()
        self.control.close()
        self.process.stdout.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.hush()

    def stop(self):
        self.process.terminate()
        status = self.process.wait(20)
        self.hush()
        if self.own:
            shutil.rmtree(self.folder)
        return status


class Link:
    """One connection to a line."""

    def __init__(self, port, timeout=10):
        self.socket = socket.create_connection(('127.0.0.1', port), 5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.timeout = timeout

    def send(self, unit, pdu):
        frame = bytes([unit]) + pdu
        self.socket.sendall(frame + crc(frame))

    def receive(self, count, timeout=None):
        """What comes until there are so many bytes, or it is quiet, or the peer is gone."""
        data = b''
        end = time.monotonic() + (timeout or self.timeout)
        while len(data) < count and end > time.monotonic():
            self.socket.settimeout(max(0.001, end - time.monotonic()))
            try:
                more = self.socket.recv(count - len(data))
            except TimeoutError:
                break
            if not more:
                break
            data += more
        return data

    def is_closed(self):
        self.socket.settimeout(10)
        return self.socket.recv(1) == b''

    def ask(self, unit, pdu, count, timeout=None):
        self.send(unit, pdu)
        return self.receive(count, timeout)

    def good(self, unit, pdu, count):
        reply = self.ask(unit, pdu, count, 5)
        assert len(reply) == count, reply.hex()
        assert crc(reply[:-2]) == reply[-2:], reply.hex()
        assert reply[0] == unit, reply.hex()
        return reply

    def registers(self, unit, address, count):
        reply = self.good(unit, read_pdu(address, count), 5 + 2 * count)
        return list(struct.unpack(f'>{count}H', reply[3:-2]))

    def close(self):
        self.socket.close()


class SimulatorCase(unittest.TestCase):
    ROWS = SITE
    ARGUMENTS = ['--no-timing']

    def setUp(self):
        self.simulator = Simulator(self.ROWS, *self.ARGUMENTS)
        self.addCleanup(self.finish)

    def finish(self):
        self.assertEqual(self.simulator.stop(), 0)

    def connect(self, index=0):
        link = Link(self.simulator.port(index))
        self.addCleanup(link.close)
        return link

    def assert_refused(self):
        """A peer that is one too many is reset, be it while it still connects."""
        try:
            link = Link(self.simulator.port())
        except ConnectionError:
            return
        self.addCleanup(link.close)
        self.assertRaises(ConnectionError, link.is_closed)
