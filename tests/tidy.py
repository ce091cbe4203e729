#!/usr/bin/env python3
"""Checks what no compiler checks: layers, sizes, words and the heads of files.

Usage: tidy.py SOURCE_ROOT.  Prints each fault as FILE:LINE: message; exits 1 if there is any.
"""

import re
import sys
from pathlib import Path

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 900
COLUMNS_MAX = 100
TEST_COLUMNS_MAX = 120

# Which layers a layer may include beside itself.
LAYERS = {
    'base': set(),
    'model': {'base'},
    'store': {'base', 'model'},
    'bus': {'base', 'model'},
    'net': {'base', 'model'},
    'draw': {'base', 'model'},
    'report': {'base', 'model', 'store', 'draw'},
    'engine': {'base', 'model', 'store', 'bus', 'net', 'report'},
    'gui': {'base', 'model', 'draw', 'engine'},
    'simulator': {'base', 'model'},
    'program': {'base', 'model', 'engine', 'gui'},
}

# Whose headers stand in /usr/include, where the compiler would find them for everybody.
FOREIGN = {
    r'sqlite3\.h$': {'store'},
    r'modbus/': {'bus'},
    r'libsoup/': {'net', 'simulator'},
    r'json-glib/': {'net', 'engine', 'program', 'simulator'},
    r'(gtk|gdk|gsk)/|adwaita\.h$': {'gui'},
    r'(cairo|pango)': {'draw', 'gui'},
    r'qrencode\.h$': {'draw'},
    r'xlsxwriter': {'report'},
    r'csv\.h$|unicode/': {'base'},
    r'argon2\.h$': {'engine'},
    r'gnutls/': {'net', 'simulator'},
}

NO_FLOAT = {'base', 'model', 'store', 'bus', 'engine'}

# Words that may not stand in code, comments and strings left aside.
BANNED = {
    r'\b(strcpy|strncpy|stpcpy|strcat|strncat|v?sprintf|gets|strtok|atoi|atol|atof|alloca)\s*\(':
        'use the GLib function that knows its bounds',
    r'\bg_idle_add(_full|_once)?\s*\(':
        'names no context: use the worker, or g_source_attach ()',
    r'\bG_IO_ERROR_FAILED\b': 'say what the caller can do about it',
    r'\bG_DISABLE_ASSERT\b': 'release builds keep their assertions',
}
FLOAT = r'\b(double|float|gdouble|gfloat|strtod|g_ascii_strtod|lround|llround)\b'
SQL = r'printf\s*\([^;]*"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER)\b'

# Words that may stand nowhere.
UNFINISHED = r'\b(FIX' + r'ME|TO' + r'DO|XX' + r'X|HA' + r'CK)\b'


class Checker:
    def __init__(self, root):
        self.root = root
        self.faults = 0
        self.headers = {path.name: path.parent.name for path in root.glob('src/*/*.h')}

    def fault(self, path, line, text):
        print(f'{path.relative_to(self.root)}:{line}: {text}')
        self.faults += 1

    def check_sizes(self, path, lines, columns_max):
        if len(lines) - 1 > FILE_LINES_MAX:
            self.fault(path, FILE_LINES_MAX, f'{len(lines) - 1} lines in a file, {FILE_LINES_MAX} at most')

        start = None
        for n, line in enumerate(lines, 1):
            if len(line) > columns_max:
                self.fault(path, n, f'{len(line)} columns, {columns_max} at most')
            if line == '{':
                start = n
            elif line == '}' and start is not None:
                name = lines[start - 2] if start > 1 else ''
                head = ' '.join(lines[max(0, start - 9):start - 1])
                if n - start + 1 > FUNCTION_LINES_MAX and '_class_init' not in head.split(';')[-1]:
                    self.fault(path, start, f'{n - start + 1} lines in “{name.strip()}”, '
                                            f'{FUNCTION_LINES_MAX} at most')
                start = None

    def check_head(self, path, lines):
        head = '\n'.join(lines[:7])
        if f' * {path.name}: ' not in head:
            self.fault(path, 1, f'the head does not say what {path.name} is')
        if 'SPDX-License-Identifier: GPL-3.0-or-later' not in head:
            self.fault(path, 1, 'the head names no licence')
        if path.suffix == '.h' and '#pragma once' not in lines:
            self.fault(path, 1, 'a header without #pragma once')
        if path.suffix == '.c':
            includes = [line for line in lines if line.startswith('#include')]
            if not includes or includes[0] != '#include "config.h"':
                self.fault(path, 1, 'config.h is not the first header')

    def check_includes(self, path, layer, lines):
        for n, line in enumerate(lines, 1):
            if match := re.match(r'#\s*include\s+"([^"]+)"', line):
                other = self.headers.get(match[1])
                if other not in (None, layer) and other not in LAYERS[layer]:
                    self.fault(path, n, f'{layer} may not include {match[1]} of {other}')
                if other not in (None, layer) and match[1].endswith('-private.h'):
                    self.fault(path, n, f'{match[1]} may not leave {other}')
            if match := re.match(r'#\s*include\s+<([^>]+)>', line):
                for pattern, owners in FOREIGN.items():
                    if re.match(pattern, match[1]) and layer not in owners:
                        self.fault(path, n, f'{layer} may not use <{match[1]}>')

    def check_words(self, path, layer, text, code):
        bare = re.sub(r'"(\\.|[^"\\\n])*"', '""', code)
        for n, line in enumerate(bare.split('\n'), 1):
            for pattern, why in BANNED.items():
                if re.search(pattern, line):
                    self.fault(path, n, f'“{line.strip()[:50]}”: {why}')
            if layer in NO_FLOAT and re.search(FLOAT, line):
                self.fault(path, n, f'“{line.strip()[:50]}”: money and energy are integers')

        if layer == 'store':
            for match in re.finditer(SQL, code):
                self.fault(path, code[:match.start()].count('\n') + 1, 'SQL is never put together by printf')

    def check_unfinished(self, path, lines):
        for n, line in enumerate(lines, 1):
            if re.search(UNFINISHED, line):
                self.fault(path, n, 'unfinished: file an issue instead')

    def check_source(self, path):
        layer = path.relative_to(self.root).parts[1]
        text = path.read_text(encoding='utf-8')
        lines = text.split('\n')

        if layer not in LAYERS:
            self.fault(path, 1, f'“{layer}” is no layer')
            return

        self.check_sizes(path, lines, COLUMNS_MAX)
        self.check_head(path, lines)
        self.check_includes(path, layer, lines)
        self.check_words(path, layer, text, blank_comments(text))
        self.check_unfinished(path, lines)

    def check_test(self, path):
        lines = path.read_text(encoding='utf-8').split('\n')
        self.check_sizes(path, lines, TEST_COLUMNS_MAX)
        self.check_unfinished(path, lines)

    def check_other(self, path):
        self.check_unfinished(path, path.read_text(encoding='utf-8').split('\n'))


def blank_comments(text):
    """Takes comments out and keeps the lines, so that line numbers stay right."""
    pattern = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/', re.DOTALL)
    return pattern.sub(lambda m: m[0] if m[0][0] == '"' else '\n' * m[0].count('\n'), text)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())

    root = Path(sys.argv[1]).resolve()
    checker = Checker(root)
    sources = sorted(root.glob('src/*/*.[ch]'))
    tests = sorted(root.glob('tests/*/*.[ch]'))
    others = sorted([*root.glob('tests/**/*.py'), *root.glob('data/**/*.sql'), *root.glob('data/**/*.ini'),
                     *root.glob('ui/*.ui'), *root.glob('docs/*.md')])

    for path in sources:
        checker.check_source(path)
    for path in tests:
        checker.check_test(path)
    for path in others:
        checker.check_other(path)

    print(f'{len(sources)} sources, {len(tests)} tests, {len(others)} other files, {checker.faults} faults')
    sys.exit(checker.faults > 0 or not sources)


if __name__ == '__main__':
    main()
