#!/usr/bin/env python3
# test_every_step.py: the program ends at every write and at every frame of a sale, one after another
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: test_every_step.py [--points N] [--seed N]
#
# Without --points each write to the books, each flush of them, each frame that goes out and each piece
# of a reply that comes in is met: before it, half way through it and after it. With it, N points are
# drawn from them.

import argparse
import random
import sys
import threading

from till_checker import Till
from till_e2e import wait_for
from till_killer import KINDS, Killer, phases_of

END_MAX = 400
SLOW_POINTS = 2


class Story:
    """What is going on when the end comes. Its begin() does not wait; over() tells when it is."""

    name = 'a sale'
    kinds = KINDS
    slow = False

    def __init__(self, till, rng):
        self.till = till
        self.meter = rng.choice(till.meters)

    def begin(self):
        self.sale = self.till.new_sale(self.meter)
        self.till.begin(self.sale)

    def over(self):
        rows = self.till.program.query("SELECT state FROM orders WHERE key = ?", self.sale.key)
        return bool(rows) and rows[0][0] not in ('new', 'paid')

    def hang_up(self):
        """The calls end with the program, or went on without it, for ctl can."""
        self.till.end(self.sale)

    def ask_again(self):
        """Who was not told asks again under the same key, as a clerk would."""
        if self.sale.order is None:
            self.till.begin(self.sale)
            good, lines = self.till.end(self.sale)
            if not good:
                raise AssertionError(lines)


class StoryWithCommand(Story):
    name = 'a sale while its meter is told to keep power'

    def begin(self):
        self.command = self.till.program.ctl_start('keep', self.meter.number, '--reason', 'night shift',
                                                   '--until', '2099-01-01 00:00')
        super().begin()

    def hang_up(self):
        self.command.communicate(timeout=60)
        super().hang_up()


class StoryWithDecision(Story):
    """A purchase waits in REVIEW, and a person decides when the end comes."""

    name = 'a decision about a purchase in REVIEW'
    kinds = ('write', 'sync')
    # A broken line has to be quiet for a while before anything is said about it.
    slow = True

    def begin(self):
        program = self.till.program
        number = self.meter.number
        self.till.simulator.do(f'fault {number} reset on=purchase count=1')
        self.sale = self.till.sell(self.meter)
        wait_for(lambda: self.till.program.query("SELECT 1 FROM intent WHERE state = 'review'"), 60,
                 'a purchase in REVIEW')
        self.till.wait_reviews_decidable()
        review = program.ctl('review', 'list')[0]
        there = self.till.on_meter(number, self.sale.fen)
        self.till.killer_go()
        self.command = program.ctl_start('review', 'decide', str(review['command']),
                                         'credited' if there else 'resend', '--reason', 'seen')

    def over(self):
        return self.command.poll() is not None and super().over() and not self.till.program.query(
            "SELECT 1 FROM orders WHERE state = 'review'")

    def hang_up(self):
        self.command.communicate(timeout=60)


def wait_end(till, story):
    """Until the program has ended, or the story is over; whether it ended."""
    def end_or_over():
        return not till.program.is_running() or story.over()

    wait_for(end_or_over, 120, story.name)
    return not till.program.is_running()


def meet(till, killer, story, point):
    """One point: arm, tell the story, the end, a new start, the sums. None when it was not reached."""
    armed = threading.Event()

    def go():
        if not armed.is_set():
            armed.set()
            killer.arm(*point)

    till.killer_go = go
    if not isinstance(story, StoryWithDecision):
        go()
    story.begin()
    reached = wait_end(till, story)
    killer.disarm()
    till.program.kill()
    story.hang_up()
    till.simulator.do('clear all')
    till.program.start()
    story.ask_again()
    till.settle()
    till.decide_reviews()
    return reached, till.check()


def run_points(till, killer, make_story, rng, points):
    for number, point in enumerate(points, 1):
        reached, faults = meet(till, killer, make_story(till, rng), point)
        if faults:
            return number, [f'{point}: {fault}' for fault in faults]
    return len(points), []


def run_every(till, killer, make_story, rng, kind):
    """n = 1, 2, 3 … of a kind until the story is over before the n-th."""
    number = 0
    for phase in phases_of(kind):
        for target in range(1, END_MAX):
            point = (kind, phase, target)
            reached, faults = meet(till, killer, make_story(till, rng), point)
            if faults:
                return number, [f'{point}: {fault}' for fault in faults]
            if not reached:
                break
            number += 1
    return number, []


def draw_points(rng, kinds, count):
    """Points from where a sale has them, as its life was counted."""
    spans = {'write': 70, 'sync': 5, 'send': 12, 'receive': 12}
    points = []
    for index in range(count):
        kind = kinds[index % len(kinds)]
        points.append((kind, rng.choice(phases_of(kind)), rng.randint(1, spans[kind])))
    return points


def run(rule, make_story, points, seed):
    rng = random.Random(f'{seed}/{rule}/{make_story.__name__}')
    till = Till(rule, meters=2, lines=1, preloaded=True)
    try:
        if points:
            return run_points(till, till.killer, make_story, rng,
                              draw_points(rng, make_story.kinds, points))
        total = 0
        for kind in make_story.kinds:
            number, faults = run_every(till, till.killer, make_story, rng, kind)
            total += number
            if faults:
                return total, faults
        return total, []
    finally:
        till.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--points', type=int, default=0)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(10**6))
    arguments = parser.parse_args()
    plan = [(rule, story) for rule in ('guarded', 'add-only') for story in (Story, StoryWithCommand)]
    plan.append(('add-only', StoryWithDecision))
    print(f'# seed {arguments.seed}')
    print(f'1..{len(plan)}', flush=True)
    good = True
    for index, (rule, story) in enumerate(plan, 1):
        points = min(arguments.points, SLOW_POINTS) if story.slow else arguments.points
        number, faults = run(rule, story, points, arguments.seed)
        for fault in faults:
            print(f'# {fault}')
        print(f'{"not ok" if faults else "ok"} {index} {number} points of {story.name}, count rule {rule}',
              flush=True)
        good = good and not faults
    sys.exit(0 if good else 1)


if __name__ == '__main__':
    main()
