#!/usr/bin/env python3
# test_payments.py: WeChat Pay and Alipay from the code on the screen to the meter, on bad days too
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import configparser
import json
import shutil
import tempfile
import unittest
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

from till_e2e import Meter, Site, free_port, wait_for

METERS = ('202411000001', '202411000002')
METHODS = ('wechat', 'alipay')
BEIJING = timezone(timedelta(hours=8))
WAIT_S = 90


def post(url, body=None, kind='text/plain'):
    """The status of the answer, and what it says."""
    request = urllib.request.Request(url, data=body or b'', method='POST',
                                     headers={'Content-Type': kind})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


class Payments(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='till-gateway-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        line = f'127.0.0.1:{free_port()}'
        self.meters = [Meter(f'A10{unit}', number, line, unit)
                       for unit, number in enumerate(METERS, 1)]
        self.site = Site(self.meters, settings='later', simulator=('--gateway', self.folder))
        self.addCleanup(self.site.close)
        self.program, self.simulator = self.site.program, self.site.simulator
        port = free_port()
        settings = configparser.ConfigParser(interpolation=None)
        settings.read(Path(self.folder) / 'settings.ini')
        self.settings = dict(settings['settings'])
        self.gateway = self.settings['wechat.base-url']
        self.listener = f'http://127.0.0.1:{port}'
        self.program.set_up(self.meters, **{**self.settings, 'listener.port': port,
                                            'public-url': self.listener})
        for number in METERS:
            self.simulator.do(f'set {number} remaining_fen 50000')
            self.simulator.do(f'set {number} load_w 0')
        self.program.start()
        self.program.wait_adopted(len(METERS))

    def control(self, words):
        self.assertEqual(post(f'{self.gateway}/control?{words}')[0], 200)

    def order(self, method, yuan='100', shop='A/A101'):
        order = self.program.ctl('recharge', shop, yuan, '--method', method)[0]
        self.assertEqual(order['attempt_state'], 'waiting')
        return order

    def pay(self, order, how=''):
        self.assertEqual(post(order['code_url'] + how)[0], 200)

    def show(self, order):
        return self.program.ctl('order', 'show', order['order'])[0]

    def wait_state(self, order, state):
        wait_for(lambda: self.show(order)['state'] == state, WAIT_S,
                 f'{order["method"]} order {state}: {self.show(order)}')

    def bought(self, shop=0):
        return self.simulator.meter(METERS[shop])['bought_fen']

    def check(self, fen, shop=0):
        """What the meter has been sold, and that the books agree with themselves."""
        self.assertEqual(self.bought(shop), fen)
        self.assertEqual(self.program.ctl_run('verify')[0], 0)

    def strays(self):
        return self.program.ctl('stray', 'list')

    def test_paid_and_credited(self):
        for n, method in enumerate(METHODS, 1):
            order = self.order(method)
            self.pay(order)
            self.wait_state(order, 'credited')
            self.check(10000 * n)
            self.pay(order)  # the page says that it is paid
        self.assertEqual(self.program.query('SELECT COUNT(*) FROM payment')[0][0], 2)
        self.check(20000)

    def test_paid_twice(self):
        for n, method in enumerate(METHODS, 1):
            order = self.order(method)
            self.pay(order)
            self.wait_state(order, 'credited')
            self.pay(order, '?twice=1')
            wait_for(lambda: len(self.strays()) == n, WAIT_S, 'the second payment is in suspense')
            self.check(10000 * n)

    def test_no_notice(self):
        self.control('notices=off')
        for n, method in enumerate(METHODS, 1):
            order = self.order(method)
            self.pay(order)
            self.wait_state(order, 'credited')
            self.check(10000 * n)

    def test_other_amount_is_not_credited(self):
        for n, method in enumerate(METHODS, 1):
            order = self.order(method)
            self.pay(order, '?fen=9999')
            wait_for(lambda: len(self.strays()) == n, WAIT_S, 'the payment is in suspense')
            self.check(0)

    def test_forged(self):
        self.control('mode=forged')
        self.control('notices=off')
        for method in METHODS:
            order = self.program.ctl('recharge', 'A/A101', '7', '--method', method)[0]
            self.assertIsNone(order.get('code_url'), 'nobody shows a code of a stranger')
            status, text = post(f'{self.listener}/notify/{method}', b'out_trade_no=1&sign=AAAA',
                                'application/x-www-form-urlencoded')
            # Alipay's protocol says it in words.
            self.assertTrue(status >= 400 or text == 'fail', (status, text))
        self.control('mode=up')
        order = self.order('alipay', '7')
        self.control('mode=forged')
        self.control('notices=on')
        self.pay(order)  # a notice, and answers, signed with a stranger's key
        self.assertEqual(self.show(order)['state'], 'new')
        self.check(0)
        self.control('mode=up')
        self.wait_state(order, 'credited')
        self.check(700)

    def test_paid_after_cancel(self):
        for n, method in enumerate(METHODS, 1):
            order = self.order(method)
            self.program.ctl('order', 'cancel', order['order'])
            self.wait_state(order, 'expired')
            self.pay(order, '?late=1')
            wait_for(lambda: len(self.strays()) == n, WAIT_S, 'the late payment is in suspense')
            self.check(0)
        credit, refund = self.strays()
        self.program.ctl('stray', 'credit', str(credit['stray']), '--reason', 'she is here',
                         '--tenant', 'A/A101')
        wait_for(lambda: self.bought() == 10000, WAIT_S, 'the stray is on the meter')
        self.program.ctl('stray', 'refund', str(refund['stray']), '--reason', 'nobody knows')
        wait_for(lambda: not self.strays(), WAIT_S, 'the other went back')
        self.program.wait_settled()
        self.check(10000)

    def test_lost_answers(self):
        for n, method in enumerate(METHODS, 1):
            self.control('mode=lost')
            order = self.program.ctl('recharge', 'A/A102', '50', '--method', method)[0]
            self.control('mode=up')
            wait_for(lambda: self.show(order).get('attempt_state') == 'waiting', WAIT_S,
                     'the code came in the end')
            self.pay(self.show(order))
            self.wait_state(order, 'credited')
            self.check(5000 * n, 1)

    def test_gateway_down(self):
        self.control('mode=down')
        order = self.program.ctl('recharge', 'A/A101', '50', '--method', 'wechat')[0]
        cash = self.program.ctl('recharge', 'A/A102', '20', '--method', 'cash', '--wait', '60')[0]
        self.assertEqual(cash['state'], 'credited')
        self.control('mode=up')
        wait_for(lambda: self.show(order).get('attempt_state') == 'waiting', WAIT_S, 'a code')
        self.pay(self.show(order))
        self.wait_state(order, 'credited')
        self.check(5000)

    def test_killed_at_the_notice(self):
        for n in range(1, 7):
            order = self.order(METHODS[n % 2], f'{n}')
            self.pay(order)
            self.program.kill()
            self.program.start()
            self.wait_state(order, 'credited')
        self.check(sum(range(1, 7)) * 100)
        self.assertEqual(self.program.query('SELECT COUNT(*) FROM payment')[0][0], 6)

    def test_refund(self):
        for method in METHODS:
            before = self.bought()
            order = self.order(method)
            self.pay(order)
            self.wait_state(order, 'credited')
            remaining = self.simulator.meter(METERS[0])['remaining_fen']
            for yuan in ('40', '60'):
                self.program.ctl('refund', order['order'], yuan, '--reason', 'moves out', '--wait',
                                 '60')
            wait_for(lambda: all(refund['state'] == 'done'
                                 for refund in self.program.ctl('refund', 'list')), WAIT_S,
                     'refunds done')
            self.assertEqual(self.simulator.meter(METERS[0])['remaining_fen'], remaining - 10000)
            self.assertEqual(self.program.ctl_run('verify')[0], 0)
            code, lines = self.program.ctl_run('refund', order['order'], '0.01', '--reason', 'more')
            self.assertEqual(code, 1, lines)
            self.assertEqual(before + 10000, self.bought())

    def test_bill_matches(self):
        today = datetime.now(BEIJING).strftime('%Y%m%d')
        for method in METHODS:
            order = self.order(method)
            self.pay(order)
            self.wait_state(order, 'credited')
            match = self.program.ctl('reconcile', method, today)[0]
            self.assertEqual((match['ours'], match['theirs'], match['equal'], match['open']),
                             (1, 1, 1, 0), json.dumps(match))


if __name__ == '__main__':
    unittest.main(verbosity=2)
