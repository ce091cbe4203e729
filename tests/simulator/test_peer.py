# test_peer.py: an independent Modbus master on each kind of line
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.pdu import ExceptionResponse

from simpeer import ADL, DDSY, DTSD, DTSY, SITE, Link, Simulator, SimulatorCase, row


def u32(registers, index):
    return registers[index] << 16 | registers[index + 1]


class Peer(SimulatorCase):
    """The master of python3-pymodbus, which knows nothing of us."""

    def client(self):
        client = ModbusTcpClient('127.0.0.1', port=self.simulator.port(), framer=ModbusRtuFramer,
                                 timeout=3)
        self.assertTrue(client.connect())
        self.addCleanup(client.close)
        return client

    def read(self, client, unit, address, count):
        answer = client.read_holding_registers(address, count, slave=unit)
        self.assertFalse(answer.isError(), answer)
        self.assertEqual(len(answer.registers), count)
        return answer.registers

    def test_block_and_parameters(self):
        self.look_at_meter(self.client())

    def look_at_meter(self, client):
        self.simulator.do('set all load_w 1800')
        meter = self.simulator.meter()
        block = self.read(client, 1, 0x0200, 48)
        self.assertEqual(block[0], 5)
        self.assertEqual(u32(block, 0x15), meter['energy_ckwh'])
        self.assertEqual(u32(block, 0x17), meter['period_ckwh']['sharp'])
        self.assertEqual(u32(block, 0x1d), meter['period_ckwh']['valley'])
        self.assertAlmostEqual(u32(block, 0x1f), meter['remaining_fen'], delta=1)
        self.assertEqual(block[0x21], meter['count'])
        self.assertEqual(block[0x0a], 1800)
        self.assertEqual(block[0x07] + block[0x08] + block[0x09], 1800)
        self.assertEqual(block[0x24] & 0xe00f, 0xe000)
        parameters = self.read(client, 1, 0x0400, 25)
        self.assertEqual(parameters[:2], [1, meter['count']])
        self.assertEqual([u32(parameters, i) for i in (2, 4, 6, 8)], meter['prices'])
        self.assertEqual(u32(parameters, 0x12), meter['total_fen'])
        self.assertEqual(self.read(client, 1, 0x0043, 3), [0x2024, 0x1100, 0x0001])
        self.assertEqual(self.read(client, 1, 0x0360, 2), [0x0103, 1])
        self.assertEqual(len(self.read(client, 1, 0x2000, 21)), 21)
        self.assertEqual(len(self.read(client, 1, 0x0420, 79)), 79)

    def test_other_models(self):
        client = self.client()
        self.simulator.do('set all load_w 1800')
        single = self.read(client, 2, 0x0000, 14)
        self.assertEqual(u32(single, 0), self.simulator.meter(DDSY)['energy_ckwh'])
        self.assertEqual(single[0x0d], 1800)
        self.assertEqual(self.read(client, 2, 0x0200, 1), [7])
        plain = self.read(client, 3, 0x0000, 10)
        self.assertEqual(u32(plain, 0), self.simulator.meter(DTSD)['energy_ckwh'])
        self.assertEqual(self.read(client, 3, 0x008d, 2), [1, 40])
        adl = self.read(client, 4, 0x0800, 78)
        self.assertEqual(u32(adl, 0x42), self.simulator.meter(ADL)['energy_ckwh'] * 20 // 10)
        power = struct.unpack('>f', struct.pack('>HH', adl[0x1a], adl[0x1b]))[0]
        self.assertAlmostEqual(power, 36.0, places=4)

    def test_force_control(self):
        client = self.client()
        for values, forced, relay, status in (([1, 1], 'trip', 'open', 0x0008),
                                              ([1, 0], 'keep', 'closed', 0xe00f),
                                              ([0, 0], 'none', 'closed', 0xe000)):
            self.assertFalse(client.write_registers(0x0057, values, slave=1).isError())
            meter = self.simulator.meter()
            self.assertEqual((meter['forced'], meter['relay']), (forced, relay))
            self.assertEqual(self.read(client, 1, 0x0224, 1)[0] & 0xe00f, status)
            self.assertEqual(self.read(client, 1, 0x0057, 2), values)

    def test_tables_and_ratios(self):
        client = self.client()
        table = [0x0400, 0x0003, 0x0008] + [0] * 18
        self.assertFalse(client.write_registers(0x2015, table, slave=1).isError())
        self.assertEqual(self.read(client, 1, 0x2015, 21), table)
        self.assertFalse(client.write_registers(0x0037, [1, 30], slave=1).isError())
        self.assertEqual(self.read(client, 1, 0x0213, 2), [1, 30])

    def test_exceptions(self):
        client = self.client()
        for answer, code in ((client.read_holding_registers(0x1234, 1, slave=1), 2),
                             (client.write_registers(0x0057, [0, 1], slave=1), 3),
                             (client.write_registers(0x0200, [0, 1], slave=1), 2),
                             (client.write_register(0x0057, 1, slave=1), 1),
                             (client.read_input_registers(0x0200, 1, slave=1), 1)):
            self.assertIsInstance(answer, ExceptionResponse)
            self.assertEqual(answer.exception_code, code)


class Gateway(Peer):
    ROWS = [line.replace('rtu-tcp', 'modbus-tcp') for line in SITE]

    def client(self):
        client = ModbusTcpClient('127.0.0.1', port=self.simulator.port(), timeout=3)
        self.assertTrue(client.connect())
        self.addCleanup(client.close)
        return client


class Terminal(Peer):
    """A pty pair of socat stands for the cable."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='till-sim-')
        self.addCleanup(shutil.rmtree, self.folder)
        self.ends = [os.path.join(self.folder, name) for name in ('near', 'far')]
        self.socat = subprocess.Popen(
            ['socat'] + [f'pty,link={end},rawer' for end in self.ends])
        self.addCleanup(self.stop_socat)
        while not all(os.path.exists(end) for end in self.ends):
            self.assertIsNone(self.socat.poll())
            time.sleep(0.01)
        self.simulator = Simulator(
            [line.replace('127.0.0.1:0', self.ends[1]).replace('rtu-tcp', 'tty') for line in SITE],
            '--no-timing')
        self.addCleanup(self.finish)

    def stop_socat(self):
        self.socat.terminate()
        self.socat.wait()

    def client(self):
        client = ModbusSerialClient(self.ends[0], baudrate=9600, timeout=3)
        self.assertTrue(client.connect())
        self.addCleanup(client.close)
        return client


class Dialler(unittest.TestCase):
    """A device server that connects to us, says who it is, and comes back when it is sent away."""

    def test_dials(self):
        listener = socket.create_server(('127.0.0.1', 0))
        listener.settimeout(10)
        self.addCleanup(listener.close)
        place = f'127.0.0.1:{listener.getsockname()[1]}'
        simulator = Simulator([row(1, 'dtsy1352', DTSY, line=place, kind='rtu-tcp-listen')],
                              '--no-timing', '--registration', 'HELLO-7')
        for _ in range(2):
            link = Link.__new__(Link)
            link.socket, _ = listener.accept()
            link.timeout = 3
            self.assertEqual(link.receive(7), b'HELLO-7')
            self.assertEqual(link.registers(1, 0x0200, 1), [5])
            link.close()
        self.assertEqual(simulator.stop(), 0)


if __name__ == '__main__':
    unittest.main()
