# till_killer.py: ends the program at the n-th write to its books, or the n-th frame on a line
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import mmap
import os
import struct
from pathlib import Path

# As in tests/support/till-kill-shim.c.
KINDS = ('write', 'sync', 'send', 'receive')
PHASES = ('before', 'half', 'after')
SIZE = 4 * (4 + len(KINDS))


class Killer:
    """A file that the program and the test have mapped: what is counted, and when the end comes."""

    def __init__(self, folder):
        path = Path(folder) / 'kill'
        path.write_bytes(bytes(SIZE))
        self.file = open(path, 'r+b')
        self.memory = mmap.mmap(self.file.fileno(), SIZE)
        self.environment = {'LD_PRELOAD': os.environ['TILL_KILL_SHIM'], 'TILL_KILL_CONTROL': str(path)}

    def close(self):
        self.memory.close()
        self.file.close()

    def put(self, index, value):
        struct.pack_into('i', self.memory, 4 * index, value)

    def disarm(self):
        self.put(0, 0)

    def arm(self, kind, phase, target):
        self.disarm()
        for index, value in enumerate((KINDS.index(kind), PHASES.index(phase), target), 1):
            self.put(index, value)
        for index in range(len(KINDS)):
            self.put(4 + index, 0)
        self.put(0, 1)

    def counts(self):
        values = struct.unpack_from('i' * len(KINDS), self.memory, 16)
        return dict(zip(KINDS, values))


def phases_of(kind):
    """What came in was either taken before the end or not: the latter is the frame before it."""
    return {'write': PHASES, 'sync': ('before', 'after'), 'send': PHASES, 'receive': ('after',)}[kind]
