#!/usr/bin/env python3
# test_exactly_once.py: the program is killed at any instant; no fen is lost and none is doubled
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: test_exactly_once.py [--kills N] [--seed N]

import argparse
import random
import sys
import time

from till_checker import Till

FAULTS = ('reply-lost', 'request-lost', 'duplicate', 'crc', 'late delay_ms=400', 'reset')


def kill_and_check(till, rng, number):
    """A few sales, a fault on one line, the end at a random instant, a new start, the sums."""
    meters = rng.sample(till.meters, 2)
    if rng.random() < 0.5:
        till.simulator.do(f'fault {meters[0].number} {rng.choice(FAULTS)} on=purchase count=1')
    sales = [till.new_sale(meter) for meter in meters]
    for sale in sales:
        till.begin(sale)
    # The life of a sale is some 50 ms here; beyond it the kill meets the cycle.
    time.sleep(rng.uniform(0, 0.12))
    till.program.kill()
    for sale in sales:
        till.end(sale)
    till.simulator.do('clear all')
    till.program.start()
    # Who was not told asks again under the same key, as a clerk would.
    for sale in sales:
        if sale.order is None:
            till.begin(sale)
            till.end(sale)
    till.settle()
    till.decide_reviews()
    return [f'kill {number}: {fault}' for fault in till.check()]


def run(rule, kills, seed):
    rng = random.Random(f'{seed}/{rule}')
    till = Till(rule)
    try:
        for number in range(1, kills + 1):
            faults = kill_and_check(till, rng, number)
            if faults:
                return faults
    finally:
        till.close()
    return []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--kills', type=int, default=30)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(10**6))
    arguments = parser.parse_args()
    plan = (('guarded', arguments.kills), ('add-only', max(1, arguments.kills // 10)))
    print(f'# seed {arguments.seed}')
    print(f'1..{len(plan)}')
    good = True
    for index, (rule, kills) in enumerate(plan, 1):
        faults = run(rule, kills, arguments.seed)
        for fault in faults:
            print(f'# {fault}')
        print(f'{"not ok" if faults else "ok"} {index} {kills} kills, count rule {rule}', flush=True)
        good = good and not faults
    sys.exit(0 if good else 1)


if __name__ == '__main__':
    main()
