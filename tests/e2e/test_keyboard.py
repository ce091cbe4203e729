#!/usr/bin/env python3
# test_keyboard.py: a clerk sells by keys alone, from the sign-in to the receipt
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: test_keyboard.py [LANGUAGE]

import sys
from pathlib import Path

from till_e2e import PASSWORD, Meter, Site, free_port, wait_for
from till_window import Window, read_pdf, with_screen

KEYS_MAX = 12
OPENING_FEN = 100000

# What assistive programs are told the fields are.
WORDS = {
    'en': {'name': 'Name', 'password': 'Password', 'search': 'Find a tenant',
           'amount': 'Amount in yuan'},
    'zh_CN': {'name': '用户名', 'password': '密码', 'search': '查找商户', 'amount': '金额'},
}


def sign_in(window, words):
    window.type_into('text', words['name'], 'admin')
    window.press('Tab')
    window.type_into('text', words['password'], PASSWORD)
    window.press('Return')
    window.wait_label('admin')


def sell(window, words, shop, amount):
    """From the search to the printed receipt; how many keys it took."""
    before = window.n_keys
    window.type_into('entry', words['search'], shop)
    window.press('Return')
    window.type_into('text', words['amount'], amount)
    window.press('Return', 'Return')
    return window.n_keys - before


def wait_receipts(program, count):
    folder = Path(program.data) / 'receipts'
    return wait_for(lambda: (lambda files: files if len(files) >= count else None)(
        sorted(folder.glob('*.pdf')) if folder.exists() else []), 60, f'{count} receipts')


def check_sale(site, number, shop, fen, receipt):
    """The meter has it once, the books have it once, and the paper says so."""
    bought = site.simulator.meter(number)['purchases']
    assert [(p['fen'], p['accepted']) for p in bought] == [(fen, True)], bought
    order = site.program.query(
        'SELECT o.state, o.fen, r.year, r.number FROM orders o JOIN receipt r ON r.order_id = o.id '
        'JOIN meter m ON m.id = o.meter_id WHERE m.meter_no = ?', number)
    assert len(order) == 1 and order[0][:2] == ('credited', fen), order
    printed = f'{order[0][2]}-{order[0][3]:06}'
    text = read_pdf(receipt)
    assert receipt.stem == printed, receipt
    for wanted in (printed, shop, number, f'{fen // 100}.{fen % 100:02}', '壹佰元整'):
        assert wanted in text, f'{wanted} is not on the receipt:\n{text}'


def run(site, language):
    words = WORDS[language]
    numbers = [meter.number for meter in site.meters]
    window = Window(site.program, language)
    try:
        sign_in(window, words)
        wait_for(lambda: site.program.query('SELECT COUNT(*) FROM meter WHERE adopted_ms IS NOT NULL')
                 == [(2,)], 60, 'the meters are in the books')
        keys = sell(window, words, '1101', '100')
        receipt = wait_receipts(site.program, 1)[-1]
        print(f'{keys} keys from the search to the receipt')
        assert keys <= KEYS_MAX, f'{keys} keys'
        site.program.wait_settled()
        window.wait_label('1,100.00')
        check_sale(site, numbers[0], '1101', 10000, receipt)
        # The next customer stands there already: the keys go into the search again.
        sell(window, words, '1102', '100')
        receipt = wait_receipts(site.program, 2)[-1]
        site.program.wait_settled()
        check_sale(site, numbers[1], '1102', 10000, receipt)
    finally:
        window.close()


def main():
    with_screen()
    language = sys.argv[1] if len(sys.argv) > 1 else 'en'
    line = f'127.0.0.1:{free_port()}'
    site = Site([Meter(str(1100 + unit), f'2024110000{unit:02}', line, unit) for unit in (1, 2)])
    try:
        for meter in site.meters:
            site.simulator.do(f'set {meter.number} remaining_fen {OPENING_FEN}')
            site.simulator.do(f'set {meter.number} load_w 0')
        run(site, language)
    finally:
        site.close()
    print(f'sold by keys alone, language “{language}”')


if __name__ == '__main__':
    main()
