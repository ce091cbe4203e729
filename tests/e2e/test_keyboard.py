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
from till_window import KEYS, POINTER, Window, Witness, read_pdf, with_screen

KEYS_MAX = 12
AMOUNT = '100'
FEN = 10000

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


def sell(window, witness, words, shop, amount):
    """From the search to the printed receipt; how many keys the screen has seen of it."""
    before, pressed = witness.count(KEYS), window.n_keys
    window.wait_focus('entry', words['search'])
    window.type_into('entry', words['search'], shop)
    window.press('Return')
    window.type_into('text', words['amount'], amount)
    window.press('Return', 'Return')
    pressed = window.n_keys - pressed
    wait_for(lambda: witness.count(KEYS) - before >= pressed, 60, f'{pressed} keys seen')
    return witness.count(KEYS) - before


def wait_receipts(program, count):
    folder = Path(program.data) / 'receipts'
    return wait_for(lambda: (lambda files: files if len(files) >= count else None)(
        sorted(folder.glob('*.pdf')) if folder.exists() else []), 60, f'{count} receipts')


def opening_fen(meter):
    """So that no two shops show the same balance."""
    return meter.unit * 100000


def yuan(fen):
    return f'{fen // 100:,}.{fen % 100:02}'


def check_sale(site, meter, receipt):
    """The meter has it once, the books have it once, and the paper says so."""
    real = site.simulator.meter(meter.number)
    assert [(p['fen'], p['accepted']) for p in real['purchases']] == [(FEN, True)], real
    assert real['remaining_fen'] == opening_fen(meter) + FEN, real
    order = [line for line in site.program.ctl('order', 'list') if line['meter'] == meter.number]
    assert [(o['state'], o['amount'], o['method']) for o in order] == [('credited', yuan(FEN), 'cash')], order
    assert receipt.stem == order[0]['receipt'], (receipt, order)
    text = read_pdf(receipt)
    for wanted in (receipt.stem, meter.shop, meter.number, yuan(FEN), '壹佰元整'):
        assert wanted in text, f'{wanted} is not on the receipt:\n{text}'


def sell_and_check(site, window, witness, words, count):
    """The customer of the next shop: a hundred yuan, by keys."""
    meter = site.meters[count - 1]
    keys = sell(window, witness, words, meter.shop, AMOUNT)
    assert keys <= KEYS_MAX, f'{keys} keys'
    receipt = wait_receipts(site.program, count)[-1]
    site.program.wait_settled()
    window.wait_label(meter.tenant)
    window.wait_label(yuan(opening_fen(meter) + FEN))
    check_sale(site, meter, receipt)
    return keys


def run(site, language):
    words = WORDS[language]
    witness = Witness(Path(site.folder) / 'seen.txt')
    window = Window(site.program, language)
    try:
        sign_in(window, words)
        site.program.wait_adopted(len(site.meters))
        # The second customer stands there already: the keys go into the search again at once.
        for count in range(1, len(site.meters) + 1):
            keys = sell_and_check(site, window, witness, words, count)
            print(f'sale {count}: {keys} keys from the search to the receipt')
        window.wait_focus('entry', words['search'])
        assert witness.count(POINTER) == 0, f'{witness.count(POINTER)} events of a pointer'
    finally:
        window.close()
        witness.close()
    assert site.program.ctl('verify')[-1]['ok'] is True


def main():
    with_screen()
    language = sys.argv[1] if len(sys.argv) > 1 else 'en'
    line = f'127.0.0.1:{free_port()}'
    site = Site([Meter(str(1100 + unit), f'2024110000{unit:02}', line, unit) for unit in (1, 2)])
    try:
        for meter in site.meters:
            site.simulator.do(f'set {meter.number} remaining_fen {opening_fen(meter)}')
            site.simulator.do(f'set {meter.number} load_w 0')
        run(site, language)
    finally:
        site.close()
    print(f'sold by keys alone, language “{language}”')


if __name__ == '__main__':
    main()
