#!/usr/bin/env python3
# test_planted.py: mistakes are planted in a copy of the sources, and each has to be found
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: test_planted.py SOURCE_ROOT [NAME …]
#
# A checker that cannot find the known mistakes proves nothing. Each plant is a few lines of the sources
# and what they are replaced with; a plant whose lines are not in the sources any more fails. Every
# scene is first played on the program as it is, where nothing may be found.

import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from test_exactly_once import kill_and_check
from till_checker import Till
from till_e2e import Program, wait_for

KILLS_MAX = 120
LATE_MAX = 6
SEED = 'planted'
DELIVERY = 'src/engine/till-delivery.c'
INTENTS = 'src/store/till-store-intents.c'


def play_kills(rule):
    """Ends at random instants, with frames lost, late, doubled and garbled."""
    def play(binary, kills=KILLS_MAX):
        rng = random.Random(SEED)
        till = Till(rule, binary)
        try:
            for number in range(1, kills + 1):
                faults = kill_and_check(till, rng, number)
                if faults:
                    return faults
        finally:
            till.close()
        return []
    return play


def break_off():
    """The connection breaks; what the device server has in its buffer it keeps."""
    raise ConnectionResetError


def play_late(binary, times=LATE_MAX):
    """The device server keeps a purchase for a while and hands it over later, to a meter that adds."""
    till = Till('add-only', binary)
    try:
        for number in range(1, times + 1):
            meter = till.meters[number % len(till.meters)]
            proxy = till.proxy_of(meter)
            proxy.arm('late', 1, break_off, purchases_only=True, hold_s=4)
            sale = till.sell(meter)
            wait_for(lambda: proxy.struck and not proxy.held, 60, 'the late purchase arrives')
            till.settle()
            till.decide_reviews()
            faults = [f'late {number}: {fault}' for fault in till.check()]
            proxy.disarm()
            if faults:
                return faults + [f'sale of {sale.fen} fen']
    finally:
        till.close()
    return []


def play_swap(binary):
    """Another meter stands in the place of the first between the sending and the reading back, with
    the same count and the same money: only its number tells."""
    till = Till('guarded', binary, meters=1, lines=1)
    meter = till.meters[0]
    stranger = '202499999999'
    try:
        before = till.simulator.meter(meter.number)

        def swap():
            till.simulator.do(f'set {meter.number} swap {stranger}')
            for key in ('count', 'remaining_fen', 'energy_ckwh'):
                value = before[key]
                till.simulator.do(f'set {stranger} {key} {value}')

        till.proxy_of(meter).arm('before', 1, swap, purchases_only=True)
        sale = till.sell(meter)
        wait_for(lambda: till.program.query("SELECT 1 FROM orders WHERE state <> 'paid'"), 90,
                 'the purchase ends somehow')
        state = till.program.query('SELECT state FROM orders WHERE key = ?', sale.key)[0][0]
        return [] if state == 'review' else [f'the sale is {state}, on a meter that is not the one']
    finally:
        till.close()


def play_two_programs(binary):
    """A second program on the same folder."""
    till = Till('guarded', binary, meters=1, lines=1)
    try:
        second = Program(till.site.folder, binary)
        second.spawn()
        started = second.wait_ready()
        second.kill()
        second.log.close()
        return ['two programs own one folder'] if started else []
    finally:
        till.close()


def play_same_count(binary):
    """A second writer takes the purchase count that another purchase has."""
    till = Till('guarded', binary, meters=1, lines=1)
    try:
        till.sell(till.meters[0])
        till.settle()
        till.program.stop()
        done = subprocess.run(
            ['sqlite3', f'{till.program.data}/books.db',
             "INSERT INTO intent (site, kind, state, meter_id, order_id, operator_id, created_ms, fen, "
             "epoch, count_new) SELECT site, kind, 'sending', meter_id, 'another', operator_id, "
             "created_ms, fen, epoch, count_new FROM intent WHERE kind = 'purchase';"],
            check=False, stderr=subprocess.PIPE, text=True)
        if done.returncode == 0:
            return ['a purchase count was used twice']
        return [] if 'UNIQUE' in done.stderr else [f'refused for another reason: {done.stderr}']
    finally:
        till.close()


# Name, what it is (reliability.md would call it by its name), scene, (file, what stands there, what is
# put there) …
PLANTS = (
    ('X1', 'a purchase is sent again to a meter that adds, though the first may still arrive', play_late,
     (DELIVERY, '  if (rule == TILL_COUNT_RULE_GUARDED)\n    return TRUE;\n', '  if (TRUE)\n    return TRUE;\n')),
    ('X2', 'two programs own one folder', play_two_programs,
     ('src/engine/till-folder.c', 'flock (fd, LOCK_EX | LOCK_NB) != 0', 'flock (fd, LOCK_SH | LOCK_NB) != 0')),
    ('X3', 'after a start a new count is taken for an old purchase', play_kills('guarded'),
     (DELIVERY, '  if (intent->state == TILL_INTENT_STATE_PENDING)\n    start_look (core, meter);',
      '  if (intent->state == TILL_INTENT_STATE_PENDING || !meter->delivery->sent_here)\n'
      '    start_look (core, meter);'),
     (DELIVERY, '  if (now->purchase_count != meter->mark.purchase_count)\n', '  if (FALSE)\n'),
     (INTENTS, '"message = NULL WHERE id = $1 AND state = \'pending\'"',
      '"message = NULL WHERE id = $1 AND state IN (\'pending\', \'sending\')"')),
    ('X4', 'after a start a purchase is sent again without reading first', play_kills('add-only'),
     (DELIVERY, '  else\n    start_verify (core, meter);\n\n  return TRUE;',
      '  else if (!meter->delivery->sent_here)\n    start_send (core, meter);\n  else\n'
      '    start_verify (core, meter);\n\n  return TRUE;')),
    ('X5', 'no answer is taken for a refusal, and the money goes back', play_kills('guarded'),
     (DELIVERY, '      self->due_us = 0;\n      start_verify (core, meter);\n',
      '      refuse (core, meter, &meter->reading);\n'),
     (DELIVERY, '                                TILL_ORDER_STATE_REVIEW, till_clock_now_ms (), step->message,\n'
      '                                error) &&\n         till_audit_add (books, '
      'TILL_CORE_SYSTEM_OPERATOR, "refused"',
      '                                TILL_ORDER_STATE_REFUNDED, till_clock_now_ms (), step->message,\n'
      '                                error) &&\n         till_audit_add (books, '
      'TILL_CORE_SYSTEM_OPERATOR, "refused"')),
    ('X6', 'a purchase is settled when it was sent', play_kills('guarded'),
     (DELIVERY, '      judge (core, meter, &job->reading, job->connection);\n    }\n  else\n'
      '    {\n      self->due_us = 0;\n      start_verify (core, meter);',
      '      confirm (core, meter, &job->reading);\n    }\n  else\n'
      '    {\n      confirm (core, meter, &meter->reading);')),
    ('X7', 'two sales may take the same count of a meter', play_same_count,
     ('data/sql/books-001.sql', 'CREATE UNIQUE INDEX intent_uses_count_once',
      'CREATE INDEX intent_uses_count_once')),
    ('X8', 'the number of the meter that answers is not compared', play_swap,
     (DELIVERY, '  if (reading->fields & TILL_READING_METER_NO &&\n', '  if (FALSE &&\n'),
     (DELIVERY, '  if (now->fields & TILL_READING_METER_NO &&\n', '  if (FALSE &&\n')),
)


# These say what is wrong by themselves; the others are played on the program as it is elsewhere.
QUIET_SCENES = (play_late, play_swap, play_two_programs, play_same_count)


class Nursery:
    """A copy of the sources with a build folder, where mistakes are planted and pulled out again."""

    def __init__(self, source):
        self.folder = Path(tempfile.mkdtemp(prefix='till-planted-'))
        self.tree = self.folder / 'tree'
        shutil.copytree(source, self.tree, ignore=shutil.ignore_patterns('build*', '.git'))
        self.run('meson', 'setup', '-Ddisplay_tests=false', '-Dwerror=false', 'build')

    def run(self, *command):
        done = subprocess.run(command, cwd=self.tree, check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise AssertionError(f'{" ".join(command)} failed:\n{done.stdout[-2000:]}')

    def build(self):
        self.run('ninja', '-C', 'build', 'src/tillwatt')
        return str(self.tree / 'build/src/tillwatt')

    def grow(self, edits):
        """The program with the mistake in it; what was there before."""
        kept = {}
        for name, old, new in edits:
            path = self.tree / name
            text = path.read_text(encoding='utf-8')
            kept.setdefault(path, text)
            if text.count(old) != 1:
                raise AssertionError(f'{name} has the lines of the plant {text.count(old)} times:\n{old}')
            path.write_text(text.replace(old, new), encoding='utf-8')
        return kept

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def try_plant(nursery, scene, edits):
    kept = nursery.grow(edits)
    try:
        binary = nursery.build()
    except AssertionError as error:
        sys.exit(f'a plant does not build: {error}')
    try:
        return scene(binary)
    except AssertionError as error:
        return [f'{scene.__name__}: {error}']
    finally:
        for path, text in kept.items():
            path.write_text(text, encoding='utf-8')


def main():
    source, wanted = sys.argv[1], sys.argv[2:]
    plants = [plant for plant in PLANTS if not wanted or plant[0] in wanted]
    print(f'1..{len(plants)}', flush=True)
    nursery = Nursery(source)
    good = True
    try:
        for number, (name, what, scene, *edits) in enumerate(plants, 1):
            healthy = scene(nursery.build()) if scene in QUIET_SCENES else []
            found = try_plant(nursery, scene, edits)
            for fault in [*healthy, *found[:3]]:
                print(f'# {fault}')
            fine = bool(found) and not healthy
            print(f'{"ok" if fine else "not ok"} {number} {name}: {what}', flush=True)
            good = good and fine
    finally:
        nursery.close()
    sys.exit(0 if good else 1)


if __name__ == '__main__':
    main()
