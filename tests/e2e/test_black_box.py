#!/usr/bin/env python3
# test_black_box.py: the program as scripts see it: ctl, the ready line, signals
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import sqlite3
import subprocess
import unittest

from till_e2e import Meter, Site, free_port, wait_for


def make_site():
    line = f'127.0.0.1:{free_port()}'
    return Site([Meter('A101', '202411000001', line, 1), Meter('A102', '202411000002', line, 2),
                 Meter('A101', '202411000003', line, 3, building='B')])


class BlackBox(unittest.TestCase):
    def setUp(self):
        self.site = make_site()
        self.addCleanup(self.site.close)
        self.program, self.simulator = self.site.program, self.site.simulator
        for meter in self.site.meters:
            self.simulator.do(f'set {meter.number} remaining_fen 50000')

    def run_program(self):
        self.program.start()
        self.program.wait_adopted(3)

    def refuse(self, *words, status=1):
        code, lines = self.program.ctl_run(*words)
        self.assertEqual(code, status, lines)
        self.assertTrue(lines[-1]['error'])
        return lines[-1]['error']

    def test_sale_reaches_meter(self):
        self.run_program()
        before = self.simulator.meter('202411000001')['bought_fen']
        order = self.program.ctl('recharge', 'A102', '100', '--method', 'cash', '--wait', '60')[0]
        self.assertEqual(order['state'], 'credited')
        self.assertEqual(self.simulator.meter('202411000002')['bought_fen'], before + 10000)
        self.assertEqual(order['balance_after_fen'] - order['balance_before_fen'], 10000)
        self.program.ctl('recharge', 'A102', '0.01', '--method', 'pos', '--wait', '60')
        self.assertEqual(self.simulator.meter('202411000002')['bought_fen'], before + 10001)
        self.program.ctl('verify')

    def test_same_key_is_same_sale(self):
        self.run_program()
        first = self.program.ctl('recharge', 'A102', '5', '--method', 'cash', '--key', 'k')[0]
        again = self.program.ctl('recharge', 'A102', '5', '--method', 'cash', '--key', 'k')[0]
        self.assertEqual(first['order'], again['order'])
        self.assertIn('key', self.refuse('recharge', 'A102', '6', '--method', 'cash', '--key', 'k'))

    def test_refusals(self):
        self.run_program()
        choices = self.refuse('recharge', 'A101', '5', '--method', 'cash')
        self.assertIn('A/A101', choices)
        self.assertIn('B/A101', choices)
        for amount in ('0', '-1', '1.001', '10000000', 'ten', ''):
            self.refuse('recharge', 'A102', amount, '--method', 'cash')
        self.refuse('recharge', 'Z999', '5', '--method', 'cash')
        self.refuse('recharge', 'A102', '5', '--method', 'shells')
        self.refuse('frobnicate', status=2)
        self.refuse('meter', 'show', 'nobody')
        self.refuse('import', '/no/such/file')
        self.program.ctl('config', 'set', 'hoard-cap-fen', '60000')
        self.assertIn('cap', self.refuse('recharge', 'A102', '200', '--method', 'cash'))
        code, lines = self.program.ctl_run('status', password='wrong')
        self.assertEqual(code, 1)
        self.assertEqual(self.program.ctl('order', 'list'), [])

    def test_remote_control(self):
        self.run_program()
        number = '202411000002'
        for words, force, closed in ((('trip', number, '--reason', 'test'), 'trip', False),
                                     (('keep', number, '--reason', 'test', '--until',
                                       '2099-01-01 00:00'), 'keep', True),
                                     (('auto', number), 'auto', True)):
            answer = self.program.ctl(*words, '--wait', '60')[0]
            self.assertEqual(answer['state'], 'confirmed')
            shown = self.program.ctl('meter', 'read', number)[0]
            self.assertEqual((shown['force'], shown['relay']),
                             (force, 'closed' if closed else 'open'))
        self.refuse('trip', number)
        self.refuse('keep', number, '--reason', 'x')
        self.refuse('keep', number, '--reason', 'x', '--until', '2001-01-01')

    def test_many_clerks(self):
        self.run_program()
        calls = [self.program.ctl_start('recharge', 'A102', f'1.{n:02}', '--method', 'cash')
                 for n in range(20)]
        for call in calls:
            call.communicate(timeout=120)
            self.assertEqual(call.returncode, 0)
        self.program.wait_settled()
        bought = [b['fen'] for b in self.simulator.meter('202411000002')['purchases']]
        self.assertEqual(sorted(bought), list(range(100, 120)))
        self.program.ctl('verify')

    def test_sale_while_nothing_runs(self):
        self.run_program()
        self.assertEqual(self.program.stop(), 0)
        order = self.program.ctl('recharge', 'A102', '7', '--method', 'transfer')[0]
        self.assertEqual(order['state'], 'paid')
        self.program.start()
        self.program.wait_settled()
        self.assertEqual(self.program.ctl('order', 'show', order['order'])[0]['state'], 'credited')

    def test_one_owner(self):
        self.run_program()
        second = subprocess.run([self.program.binary, '--headless', '--data-dir',
                                 self.program.data], capture_output=True, timeout=60,
                                env=self.program.environment())
        self.assertEqual(second.returncode, 1)
        self.assertIn(b'in use', second.stderr)

    def test_lost_reply(self):
        self.run_program()
        self.simulator.do('fault 202411000002 reply-lost on=purchase count=1')
        self.program.ctl('recharge', 'A102', '9', '--method', 'cash', '--wait', '60')
        self.program.wait_settled()
        bought = [b for b in self.simulator.meter('202411000002')['purchases'] if b['accepted']]
        self.assertEqual([b['fen'] for b in bought], [900])
        self.program.ctl('verify')

    def test_tampering_is_found(self):
        self.run_program()
        self.program.ctl('recharge', 'A102', '9', '--method', 'cash', '--wait', '60')
        self.program.stop()
        db = sqlite3.connect(f'{self.program.data}/books.db')
        db.executescript('DROP TRIGGER leg_is_final; UPDATE leg SET fen = fen + 1 WHERE fen = 900;')
        db.close()
        code, lines = self.program.ctl_run('verify')
        self.assertEqual(code, 1)
        self.assertTrue(any('fault' in line for line in lines))

    def test_stranger_is_not_sold_to(self):
        self.run_program()
        self.simulator.do('set 202411000002 swap 999999999999')
        self.program.ctl('recharge', 'A102', '9', '--method', 'cash')
        wait_for(lambda: self.program.ctl('review', 'list'), 60, 'a review')
        self.assertEqual(self.simulator.do('meter 999999999999').get('purchases', []), [])


if __name__ == '__main__':
    unittest.main(verbosity=1)
