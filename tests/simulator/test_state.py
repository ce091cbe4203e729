# test_state.py: what a meter has executed it keeps, whatever happens to the simulator; its time too
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from simpeer import (DDSY, DTSY, HEADER, SITE, Link, Simulator, crc, purchase_pdu, read_pdu, row, write_pdu)

READ = 5 + 2 * 48


class State(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='till-sim-')
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self, *more, rows=None):
        return Simulator(rows or SITE, '--no-timing', '--state', os.path.join(self.folder, 'state'),
                         *more, folder=self.folder)

    def test_killed_after_every_purchase(self):
        """A purchase that was answered is there after SIGKILL; one that was not is there or not."""
        chance = random.Random(5)
        simulator = self.start()
        before = simulator.meter()
        bought, count, unsure = 0, before['count'], 0
        for turn in range(60):
            link = Link(simulator.port())
            amount = chance.randrange(1, 5000)
            link.send(1, purchase_pdu(amount, count + 1))
            answered = turn % 2 == 0
            if answered:
                self.assertEqual(len(link.receive(15, 5)), 15)
            else:
                time.sleep(chance.random() * 0.002)
            simulator.kill()
            link.close()
            simulator = self.start()
            meter = simulator.meter()
            if answered or meter['count'] == count + 1:
                bought, count = bought + amount, count + 1
            else:
                unsure += 1
            self.assertEqual((meter['bought_fen'], meter['count']), (bought, count))
            self.assertEqual(len(meter['purchases']), count - before['count'])
            self.assertEqual(sum(one['fen'] for one in meter['purchases']), bought)
        self.assertEqual(meter['total_fen'], before['total_fen'] + bought)
        self.assertEqual(simulator.stop(), 0)

    def test_relay_and_number_survive(self):
        simulator = self.start()
        link = Link(simulator.port())
        link.good(1, write_pdu(0x0057, 1, 1), 8)
        simulator.do(f'set {DDSY} swap 202411007777')
        simulator.kill()
        link.close()
        simulator = self.start()
        self.assertEqual(simulator.meter()['forced'], 'trip')
        self.assertEqual(simulator.meter('202411007777')['energy_ckwh'] // 1000, 0)
        self.assertEqual(simulator.stop(), 0)

    def test_readings_never_go_back(self):
        """Energy is written now and then only, and yet no reading before a kill is above one after."""
        simulator = self.start('--speed', '2000', '--start', '2026-11-24 09:00')
        seen = [0, 0]
        for _ in range(4):
            for _ in range(20):
                meter = simulator.meter()
                now = [meter['energy_ckwh'], meter['at_ms']]
                self.assertGreaterEqual(now, seen)
                self.assertGreaterEqual(now[1], seen[1])
                seen = now
                time.sleep(0.01)
            simulator.kill()
            simulator = self.start('--speed', '2000', '--start', '2026-11-24 09:00')
        self.assertEqual(simulator.stop(), 0)

    def test_clean_stop_loses_nothing(self):
        simulator = self.start('--speed', '1000', '--start', '2026-11-24 09:00')
        simulator.do('set all load_w 3000')
        time.sleep(0.3)
        first = simulator.meter()
        self.assertEqual(simulator.stop(), 0)
        simulator = self.start('--speed', '1000', '--start', '2026-11-24 09:00')
        self.assertGreaterEqual(simulator.meter()['energy_ckwh'], first['energy_ckwh'])
        self.assertEqual(simulator.stop(), 0)

    def test_same_seed_same_site(self):
        meters = []
        for seed in ('7', '7', '8'):
            folder = tempfile.mkdtemp(dir=self.folder)
            simulator = Simulator(SITE, '--no-timing', '--seed', seed, folder=folder)
            meters.append([(m['remaining_fen'], m['energy_ckwh'], m['count'])
                           for m in simulator.do('meters')['meters']])
            self.assertEqual(simulator.stop(), 0)
        self.assertEqual(meters[0], meters[1])
        self.assertNotEqual(meters[0], meters[2])


class Program(unittest.TestCase):
    """The command line, and what becomes of the process."""

    def run_it(self, *arguments):
        return subprocess.run([os.environ['TILLWATT_SIMULATOR'], *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20,
                              check=False)

    def test_usage(self):
        for arguments in ((), ('--site', 'x', '--speed', '0'), ('--site', 'x', '--speed', 'fast'),
                          ('--site', 'x', '--start', 'soon'), ('--site', 'x', '--count-rule', 'any'),
                          ('--site', 'x', '--no-timing', '--baud-timing'), ('--what',),
                          ('--site', 'x', 'y')):
            result = self.run_it(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn('tillwatt-simulator: ', result.stderr)
        result = self.run_it('--site', '/nowhere/site.csv')
        self.assertEqual(result.returncode, 1)
        self.assertIn('/nowhere/site.csv', result.stderr)

    def test_bad_script_is_named_by_line(self):
        with tempfile.TemporaryDirectory() as folder:
            site = os.path.join(folder, 'site.csv')
            script = os.path.join(folder, 'script')
            with open(site, 'w', encoding='utf-8') as file:
                file.write('\n'.join([HEADER] + SITE))
            with open(script, 'w', encoding='utf-8') as file:
                file.write('# a remark\n0 stamp\nsoon stamp\n')
            result = self.run_it('--site', site, '--faults', script)
            self.assertEqual(result.returncode, 1)
            self.assertIn('line 3', result.stderr)

    def test_script(self):
        with tempfile.TemporaryDirectory() as folder:
            script = os.path.join(folder, 'script')
            with open(script, 'w', encoding='utf-8') as file:
                file.write(f'0.1 set {DTSY} remaining_fen 777\n0.1 set {DTSY} load_w 0\n'
                           f'0 random p=1000 kinds=silent\n')
            simulator = Simulator(SITE, '--no-timing', '--faults', script)
            end = time.monotonic() + 10
            while simulator.meter()['remaining_fen'] != 777 and time.monotonic() < end:
                time.sleep(0.02)
            self.assertEqual(simulator.meter()['remaining_fen'], 777)
            link = Link(simulator.port())
            self.assertEqual(link.ask(1, read_pdu(0x0200, 48), READ, 0.2), b'')
            link.close()
            self.assertEqual(simulator.stop(), 0)

    def test_dies_with_parent(self):
        with tempfile.TemporaryDirectory() as folder:
            site = os.path.join(folder, 'site.csv')
            with open(site, 'w', encoding='utf-8') as file:
                file.write('\n'.join([HEADER] + SITE))
            parent = subprocess.Popen(
                [sys.executable, '-c',
                 'import subprocess,sys\n'
                 'p=subprocess.Popen(sys.argv[1:])\n'
                 'p.wait()', os.environ['TILLWATT_SIMULATOR'], '--site', site,
                 '--die-with-parent'], stdout=subprocess.PIPE, text=True)
            ready = parent.stdout.readline()
            self.assertIn('"event":"ready"', ready)
            parent.send_signal(signal.SIGKILL)
            parent.wait()
            # The pipe ends when the last writer has gone.
            self.assertEqual(parent.stdout.read(), '')
            parent.stdout.close()

    def test_large_site(self):
        rows = [row(1 + i % 100, 'dtsy1352', f'2024{i:08}', line=f'127.0.0.1:0#{i // 100}')
                for i in range(5000)]
        simulator = Simulator(rows, '--no-timing', '--speed', '1000')
        self.assertEqual(len(simulator.ready['lines']), 50)
        self.assertEqual(len(simulator.do('meters')['meters']), 5000)
        link = Link(simulator.port(49))
        self.assertEqual(link.registers(100, 0x0043, 3), [0x2024, 0x0000, 0x4999])
        link.close()
        self.assertEqual(simulator.stop(), 0)


class Wire(unittest.TestCase):
    """The wire's own count of its time, by the formula; nothing here looks at how fast we are."""

    def test_busy_time_is_the_formula(self):
        for baud, parity, bits, silence in ((9600, 'N', 10, 3645), (4800, 'E', 11, 8020),
                                            (38400, 'N', 10, 1750)):
            simulator = Simulator([row(1, 'dtsy1352', DTSY, rest=f'{baud},{parity},')],
                                  '--turnaround', '20')
            link = Link(simulator.port())
            begun = time.monotonic()
            for _ in range(5):
                link.registers(1, 0x0200, 48)
            took_us = (time.monotonic() - begun) * 1e6
            stats = simulator.stats()
            exact = 5 * ((8 + 101) * bits * 1000000 / baud + 20000 + silence)
            self.assertAlmostEqual(stats['busy_us'], exact, delta=20)
            # A wire cannot be faster than that; how much slower it is, is the machine's affair.
            self.assertGreaterEqual(took_us, exact - silence - 100)
            self.assertEqual(stats['replies'], 5)
            # Two in one breath: the second is early and waits its time, unless this machine was away
            # for longer than the silence just then; it is not away every time.
            before = stats['early']
            frame = bytes([1]) + read_pdu(0x0200, 48)
            for pairs in range(1, 21):
                link.socket.sendall((frame + crc(frame)) * 2)
                self.assertEqual(len(link.receive(2 * READ, 10)), 2 * READ)
                stats = simulator.stats()
                self.assertAlmostEqual(stats['busy_us'], exact * (5 + 2 * pairs) / 5, delta=20)
                if stats['early'] > before:
                    break
            self.assertGreater(stats['early'], before)
            link.close()
            self.assertEqual(simulator.stop(), 0)

    def test_stamps(self):
        simulator = Simulator(SITE, '--no-timing')
        link = Link(simulator.port())
        first = simulator.do('stamp')['monotonic_us']
        link.good(1, write_pdu(0x0057, 1, 1), 8)
        link.good(1, purchase_pdu(1, 1), 15)
        last = simulator.do('stamp')['monotonic_us']
        stats = simulator.stats()
        self.assertTrue(first <= stats['control_us'] <= stats['purchase_us'] <= last)
        self.assertEqual((stats['controls'], stats['purchases']), (1, 1))
        simulator.do('reset-stats')
        self.assertEqual(simulator.stats()['frames'], 0)
        link.close()
        self.assertEqual(simulator.stop(), 0)


if __name__ == '__main__':
    unittest.main()
