# till_checker.py: holds what was paid against what the meters say they were sold
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import json
from collections import Counter

from till_e2e import Meter, Site, free_port, wait_for
from till_killer import Killer
from till_proxy import Proxy

# The tracer makes every call slow, and this machine may be busy.
SETTLE_S = 120


class Sale:
    """What a clerk wanted, under the key that makes it one sale however often it is asked for."""

    def __init__(self, meter, fen, key):
        self.meter, self.fen, self.key = meter, fen, key
        self.order = None  # once the program said that it is durable

    def yuan(self):
        return f'{self.fen // 100}.{self.fen % 100:02}'


class Till:
    """A site with a few meters on two lines, a proxy before each, and all sales that were tried."""

    def __init__(self, rule='guarded', binary=None, meters=4, lines=2, preloaded=False, **settings):
        self.rule = rule
        self.serial = 0
        self.sales = []
        self.proxies = []
        plan = [(unit, unit % lines) for unit in range(1, meters + 1)]
        ports = [free_port() for _ in range(lines)]
        self.site = Site([Meter(str(100 + unit), f'2024110000{unit:02}', f'127.0.0.1:{ports[line]}',
                                unit, 'guarded' if rule == 'guarded' else 'unknown')
                          for unit, line in plan], binary,
                         settings='later', simulator=('--count-rule', rule))
        self.simulator, self.program = self.site.simulator, self.site.program
        self.killer = Killer(self.site.folder) if preloaded else None
        if preloaded:
            self.program.preload = self.killer.environment
        self.lines = [f'127.0.0.1:{port}' for port in ports]
        try:
            self.proxies = [Proxy(port) for port in ports]
            self.meters = [Meter(str(100 + unit), f'2024110000{unit:02}', self.proxies[line].line(),
                                 unit, 'guarded' if rule == 'guarded' else 'unknown')
                           for unit, line in plan]
            self.program.set_up(self.meters, **{'meter.timeout-ms': 250, **settings})
            for meter in self.meters:
                self.simulator.do(f'set {meter.number} load_w 500')
                self.simulator.do(f'set {meter.number} remaining_fen 100000')
            self.program.start()
            self.program.wait_adopted(meters)
        except BaseException:
            self.close()
            raise

    def close(self, keep=False):
        self.program.kill()
        for proxy in self.proxies:
            proxy.close()
        if self.killer is not None:
            self.killer.close()
        self.site.close(keep)

    def proxy_of(self, meter):
        return next(proxy for proxy in self.proxies if proxy.line() == meter.line)

    def new_sale(self, meter, fen=None):
        self.serial += 1
        sale = Sale(meter, fen or 1000 + self.serial, f'sale-{self.serial}')
        self.sales.append(sale)
        return sale

    def begin(self, sale):
        """A clerk presses the key; nobody waits here."""
        sale.call = self.program.ctl_start('recharge', sale.meter.path(), sale.yuan(), '--method',
                                           'cash', '--key', sale.key)

    def end(self, sale, seconds=60):
        """What the clerk was told: done, or anything else."""
        output = sale.call.communicate(timeout=seconds)[0]
        lines = [json.loads(line) for line in output.splitlines()]
        if sale.call.returncode == 0:
            sale.order = lines[0]['order']
        return sale.call.returncode == 0, lines

    def sell(self, meter, fen=None):
        sale = self.new_sale(meter, fen)
        self.begin(sale)
        good, lines = self.end(sale)
        if not good:
            raise AssertionError(lines)
        return sale

    def wait_reviews_decidable(self):
        """A decision needs a meter that was read within the last minute."""
        for meter in self.meters:
            wait_for(lambda: self.program.ctl('meter', 'show', meter.number)[0]['health'] == 'fresh',
                     SETTLE_S, f'meter {meter.number} answers')

    def settle(self):
        self.program.wait_settled(SETTLE_S)

    def on_meter(self, number, fen):
        """How often a meter took a purchase of just this amount."""
        return sum(1 for bought in self.simulator.meter(number)['purchases']
                   if bought['accepted'] and bought['fen'] == fen)

    def decide_reviews(self):
        """A person looks at both sides; returns how many there were."""
        reviews = self.program.ctl('review', 'list')
        if reviews:
            self.wait_reviews_decidable()
        for index, review in enumerate(reviews):
            there = self.on_meter(review['meter'], review['amount_fen'])
            verdict = 'credited' if there else ('resend', 'return')[index % 2]
            self.program.ctl('review', 'decide', str(review['command']), verdict, '--reason',
                             f'the meter shows it {there} times')
        if reviews:
            self.settle()
        return len(reviews)

    def verify(self):
        status, lines = self.program.ctl_run('verify')
        return [] if status == 0 else [f'verify ended with {status}: {lines}']

    def check(self):
        """All that does not hold, as sentences. Nothing may be under way."""
        faults = []
        told = {meter.number: self.simulator.meter(meter.number) for meter in self.meters}
        faults += check_counts(told)
        faults += self.check_orders(told)
        faults += self.check_sums(told)
        faults += self.check_receipts()
        return faults + self.verify()

    def check_orders(self, told):
        faults = []
        orders = self.program.query(
            'SELECT o.id, o.key, o.fen, o.state, m.meter_no FROM orders o '
            'JOIN meter m ON m.id = o.meter_id')
        taken = {number: Counter(bought['fen'] for bought in meter['purchases']
                                 if bought['accepted']) for number, meter in told.items()}
        by_key = Counter(key for _, key, _, _, _ in orders)
        ids = {order for order, _, _, _, _ in orders}
        for sale in self.sales:
            if by_key[sale.key] > 1:
                faults.append(f'{sale.key} became {by_key[sale.key]} sales')
            if sale.order is not None and sale.order not in ids:
                faults.append(f'{sale.key} was acknowledged and is lost')
        for order, key, fen, state, number in orders:
            times = taken[number].pop(fen, 0)
            least, most = {'credited': (1, 1), 'refunded': (0, 0)}.get(state, (0, 1))
            if not least <= times <= most:
                faults.append(f'{key} of {fen} fen is {state} and {times} times on meter {number}')
            if self.rule == 'guarded' and state != 'credited':
                faults.append(f'{key} of {fen} fen ended as {state} on a meter that guards its count')
        for number, rest in taken.items():
            for fen, times in rest.items():
                faults.append(f'meter {number} took {fen} fen {times} times that nobody sold')
        return faults

    def check_sums(self, told):
        """Paid = on the meters + on its way + returned, each told by somebody else."""
        paid = self.program.query('SELECT COALESCE (SUM (fen), 0) FROM payment')[0][0]
        way = self.program.query("SELECT COALESCE (-SUM (fen), 0) FROM leg WHERE ledger = '2203.way'")[0][0]
        returned = self.program.query(
            "SELECT COALESCE (SUM (l.fen), 0) FROM leg l JOIN entry e ON e.id = l.entry_id "
            "WHERE e.kind = 'return' AND l.fen > 0")[0][0]
        bought = sum(meter['bought_fen'] for meter in told.values())
        unclear = self.program.query("SELECT m.meter_no, i.fen FROM intent i JOIN meter m "
                                     "ON m.id = i.meter_id WHERE i.state = 'review'")
        # What a person has yet to decide is on its way in the books, and may be on the meter.
        both = sum(fen for number, fen in unclear if self.on_meter(number, fen))
        if paid != bought + way - both + returned:
            return [f'paid {paid} fen, but {bought} on the meters, {way} on its way ({both} of it on '
                    f'the meters), {returned} returned']
        return []

    def check_receipts(self):
        numbers = sorted(int(text.rsplit('-', 1)[1]) for text, in self.program.query(
            'SELECT receipt_no FROM entry WHERE receipt_no IS NOT NULL'))
        if numbers != list(range(1, len(numbers) + 1)):
            return [f'receipt numbers have gaps: {numbers}']
        return []


def check_counts(told):
    faults = []
    for number, meter in told.items():
        counts = [bought['count'] for bought in meter['purchases'] if bought['accepted']]
        if counts != list(range(counts[0], counts[0] + len(counts))) if counts else False:
            faults.append(f'the counts of meter {number} do not go up by one: {counts}')
    return faults
