# test_faults.py: each fault, as the other end of the line sees it
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import time
import unittest

from simpeer import (DDSY, DTSY, Link, SimulatorCase, crc, purchase_pdu, read_pdu, write_pdu)

READ = read_pdu(0x0200, 48)
SIZE = 101


class Faults(SimulatorCase):
    def arm(self, words, subject=DTSY):
        self.simulator.do(f'fault {subject} {words}')

    def is_well(self, link, unit=1):
        self.assertEqual(link.registers(unit, 0x0200, 1), [5 if unit == 1 else 7])

    def test_silent(self):
        link = self.connect()
        self.arm('silent')
        self.assertEqual(link.ask(1, READ, SIZE, 0.2), b'')
        self.assertEqual(link.ask(1, READ, SIZE, 0.2), b'')
        self.is_well(link, 2)
        self.assertEqual(self.simulator.do('clear ' + DTSY)['cleared'], 1)
        self.is_well(link)

    def test_request_lost(self):
        link = self.connect()
        count = self.simulator.meter()['count']
        self.arm('request-lost on=purchase')
        self.is_well(link)
        self.assertEqual(link.ask(1, purchase_pdu(100, count + 1), 15, 0.2), b'')
        self.assertEqual(self.simulator.meter()['count'], count)
        link.good(1, purchase_pdu(100, count + 1), 15)
        self.assertEqual(self.simulator.meter()['count'], count + 1)

    def test_reply_lost(self):
        link = self.connect()
        count = self.simulator.meter()['count']
        self.arm('reply-lost on=purchase')
        self.assertEqual(link.ask(1, purchase_pdu(100, count + 1), 15, 0.2), b'')
        meter = self.simulator.meter()
        self.assertEqual((meter['count'], meter['bought_fen']), (count + 1, 100))

    def test_late(self):
        link = self.connect()
        self.arm('late delay_ms=1500')
        self.assertEqual(link.ask(1, READ, SIZE, 0.1), b'')
        # The wire is free meanwhile, and the late bytes come into the answer to something else.
        self.is_well(link, 2)
        late = link.receive(SIZE, 10)
        self.assertEqual((len(late), late[0], late[-2:]), (SIZE, 1, crc(late[:-2])))

    def test_late_is_not_for_the_next_peer(self):
        link = self.connect()
        self.arm('late delay_ms=200')
        link.send(1, READ)
        time.sleep(0.05)
        link.close()
        other = self.connect()
        self.assertEqual(other.receive(1, 0.4), b'')

    def test_late_across_connections(self):
        link = self.connect()
        self.arm('late delay_ms=1500 cross=1')
        link.send(1, READ)
        time.sleep(0.05)
        link.close()
        other = self.connect()
        self.assertEqual(len(other.receive(SIZE, 10)), SIZE)

    def test_duplicate(self):
        link = self.connect()
        self.arm('duplicate')
        reply = link.ask(1, READ, 2 * SIZE)
        self.assertEqual(len(reply), 2 * SIZE)
        self.assertEqual(reply[:SIZE], reply[SIZE:])

    def test_wrong_unit(self):
        link = self.connect()
        self.arm('wrong-unit')
        reply = link.ask(1, READ, SIZE)
        self.assertEqual((reply[0], reply[-2:]), (2, crc(reply[:-2])))

    def test_crc(self):
        link = self.connect()
        self.arm('crc')
        reply = link.ask(1, READ, SIZE)
        self.assertEqual((reply[0], reply[1], len(reply)), (1, 3, SIZE))
        self.assertNotEqual(reply[-2:], crc(reply[:-2]))
        self.is_well(link)

    def test_garbage(self):
        link = self.connect()
        self.arm('garbage')
        reply = link.ask(1, READ, SIZE)
        self.assertEqual(len(reply), SIZE)
        self.assertNotEqual(reply[-2:], crc(reply[:-2]))

    def test_split(self):
        link = self.connect()
        self.arm('split delay_ms=1500')
        first = link.ask(1, READ, SIZE, 0.5)
        self.assertEqual(len(first), SIZE // 2)
        whole = first + link.receive(SIZE - len(first), 10)
        self.assertEqual(whole[-2:], crc(whole[:-2]))

    def test_stale(self):
        link = self.connect()
        before = link.good(2, read_pdu(0x0200, 3), 11)
        self.arm('stale')
        reply = link.ask(1, READ, 11 + SIZE)
        self.assertEqual(reply[:11], before)
        self.assertEqual(reply[-2:], crc(reply[11:-2]))
        self.arm('stale bytes=55aa00')
        self.assertEqual(link.ask(1, READ, 3 + SIZE)[:3], bytes([0x55, 0xaa, 0]))

    def test_half_open(self):
        link = self.connect()
        self.arm('half-open hold_ms=2000')
        self.assertEqual(link.ask(1, READ, SIZE, 0.1), b'')
        self.assertEqual(link.ask(2, READ, SIZE, 0.1), b'')
        self.assert_refused()
        time.sleep(2)
        self.is_well(self.connect())

    def test_reset(self):
        link = self.connect()
        count = self.simulator.meter()['count']
        self.arm('reset execute=1')
        link.send(1, purchase_pdu(100, count + 1))
        self.assertRaises(ConnectionResetError, link.is_closed)
        self.assertEqual(self.simulator.meter()['count'], count + 1)
        self.is_well(self.connect())

    def test_hang_up(self):
        link = self.connect()
        count = self.simulator.meter()['count']
        self.arm('hang-up')
        link.send(1, purchase_pdu(100, count + 1))
        self.assertTrue(link.is_closed())
        self.assertEqual(self.simulator.meter()['count'], count)

    def test_exception(self):
        link = self.connect()
        self.arm('exception code=6 on=control')
        self.assertEqual(link.good(1, write_pdu(0x0057, 1, 1), 5)[1:3], bytes([0x90, 6]))
        self.assertEqual(self.simulator.meter()['forced'], 'none')
        link.good(1, write_pdu(0x0057, 1, 1), 8)
        self.assertEqual(self.simulator.meter()['forced'], 'trip')

    def test_restart_executes_late(self):
        link = self.connect()
        count = self.simulator.meter()['count']
        # With a guarded meter a second execution would not be seen.
        self.simulator.do(f'set {DTSY} count_rule add-only')
        self.arm('restart late_ms=1500 on=purchase', self.simulator.line())
        link.send(1, purchase_pdu(100, count + 1))
        self.assertRaises(ConnectionResetError, link.is_closed)
        other = self.connect()
        self.assertEqual(other.registers(1, 0x0221, 1), [count])
        time.sleep(1.6)
        self.assertEqual(other.registers(1, 0x0221, 1), [count + 1])
        self.assertEqual(self.simulator.meter()['bought_fen'], 100)

    def test_restart_line(self):
        link = self.connect()
        self.is_well(link)
        self.simulator.do(f'restart-line {self.simulator.line()} down_ms=1500')
        self.assertRaises(ConnectionResetError, link.is_closed)
        self.assertRaises(ConnectionRefusedError, Link, self.simulator.port())
        time.sleep(1.6)
        self.is_well(self.connect())

    def test_filters(self):
        link = self.connect()
        self.arm('silent fc=16')
        self.is_well(link)
        self.assertEqual(link.ask(1, write_pdu(0x0057, 1, 1), 8, 0.2), b'')
        self.assertEqual(self.simulator.meter()['forced'], 'none')

    def test_random_is_the_seed(self):
        self.simulator.do('random p=300 kinds=crc,wrong-unit')
        link = self.connect()
        seen = []
        for _ in range(100):
            reply = link.ask(1, read_pdu(0x0200, 1), 7, 2)
            seen.append((reply[0] == 1, reply[-2:] == crc(reply[:-2])))
        self.assertIn((True, False), seen)
        self.assertIn((False, True), seen)
        self.assertGreater(seen.count((True, True)), 50)
        self.assertEqual(self.simulator.stats()['faults'], 100 - seen.count((True, True)))


class Device(SimulatorCase):
    """What a device server and a wire do without any fault."""

    def test_one_connection(self):
        first = self.connect()
        first.registers(1, 0x0200, 1)
        self.assert_refused()
        first.registers(1, 0x0200, 1)
        self.simulator.do(f'set {self.simulator.line()} displace 1')
        third = self.connect()
        third.registers(1, 0x0200, 1)
        self.assertTrue(first.is_closed())
        self.assertEqual(self.simulator.stats()['refused'], 1)

    def test_reconnect_at_once(self):
        for _ in range(200):
            link = Link(self.simulator.port())
            link.registers(1, 0x0200, 1)
            link.close()
        self.assertEqual(self.simulator.stats()['refused'], 0)

    def test_nobody_answers(self):
        link = self.connect()
        for unit in (99, 248, 255):
            self.assertEqual(link.ask(unit, READ, SIZE, 0.2), b'')
        self.assertEqual(link.ask(0, write_pdu(0x0057, 1, 1), 8, 0.2), b'')
        self.assertEqual(self.simulator.meter()['forced'], 'none')
        self.assertEqual(link.ask(1, bytes([0x98, 1, 2, 3]), 5, 0.3), b'')
        frame = bytes([1]) + READ
        link.socket.sendall(frame + b'\x00\x00')
        self.assertEqual(link.receive(1, 0.2), b'')
        # Half a frame is forgotten when nothing follows it.
        link.socket.sendall((frame + crc(frame))[:5])
        time.sleep(0.1)
        self.assertEqual(len(link.ask(1, READ, SIZE)), SIZE)
        self.assertEqual(link.good(1, bytes([0x2b, 0x0e, 1, 0]), 5)[1:3], bytes([0xab, 1]))

    def test_commands_refused(self):
        for command in ('', 'dance', 'meter', 'meter 5', 'set all', f'set {DTSY} colour 1',
                        f'set {DTSY} remaining_fen much', f'set {DTSY} swap {DDSY}',
                        'fault nobody crc', f'fault {DTSY} crc x=1', 'clear nobody', 'stats nobody',
                        'random p=5', f'set {DTSY} count_rule unknown', 'x' * 3000):
            answer = self.simulator.say(command)
            self.assertFalse(answer['ok'], command)
            self.assertGreater(len(answer['error']), 5)

    def test_settings(self):
        link = self.connect()
        self.simulator.do(f'set {DTSY} load_w 0')
        self.simulator.do(f'set {DTSY} remaining_fen -1234')
        self.simulator.do(f'set {DTSY} energy_ckwh 12345678')
        self.simulator.do(f'set {DTSY} clock_offset_s -3600')
        block = link.registers(1, 0x0200, 48)
        self.assertEqual(block[0x1f] << 16 | block[0x20], 0x100000000 - 1234)
        self.assertEqual(block[0x15] << 16 | block[0x16], 12345678)
        self.assertEqual(sum(block[i] << 16 | block[i + 1] for i in (0x17, 0x19, 0x1b, 0x1d)),
                         12345678)
        self.assertEqual(block[0x24] & 0xe020, 0x20)
        meter = self.simulator.meter()
        self.assertEqual(meter['clock_ms'], meter['at_ms'] - 3600000)
        self.simulator.do(f'set {DTSY} swap 202411009999')
        self.assertEqual(link.registers(1, 0x0043, 3), [0x2024, 0x1100, 0x9999])
        self.assertFalse(self.simulator.say('meter ' + DTSY)['ok'])
        self.assertEqual(self.simulator.meter('202411009999')['count'], 0)
        self.simulator.do('set all silent 1')
        self.assertEqual(link.ask(2, READ, SIZE, 0.2), b'')


if __name__ == '__main__':
    unittest.main()
