#!/usr/bin/env python3
"""Shows that the closing line of ./check counts what there was, and calls nothing passed that was not."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SUMMARY = Path(__file__).resolve().parent.parent / 'summary.py'


def summarise(*tests, status=0):
    with tempfile.NamedTemporaryFile('w', suffix='.json') as log:
        log.write('\n'.join(json.dumps(test) for test in tests))
        log.flush()
        result = subprocess.run([sys.executable, str(SUMMARY), str(status), log.name],
                                stdout=subprocess.PIPE, text=True, check=False)
    return result.stdout.strip().split('\n'), result.returncode


def test(result, stdout=''):
    return {'name': 'suite / name', 'result': result, 'stdout': stdout}


class Summary(unittest.TestCase):
    def test_plain_programs(self):
        lines, code = summarise(test('OK'), test('OK'), test('FAIL'), test('TIMEOUT'), test('SKIP', 'no display'))
        self.assertEqual(lines[-1], '2 passed, 2 failed')
        self.assertEqual(lines[-2], '1 skipped')
        self.assertEqual(code, 1)

    def test_subtests(self):
        tap = '1..4\nok 1 /a\nok 2 /b # SKIP no bus\nok 3 /c\nok 4 /d\n'
        lines, code = summarise(test('OK', tap))
        self.assertEqual(lines[-1], '3 passed, 0 failed')
        self.assertIn('skipped: suite / name: /b (no bus)', lines)
        self.assertEqual(code, 0)

    def test_failing_subtest_counts_once(self):
        lines, code = summarise(test('FAIL', '1..2\nok 1 /a\nnot ok 2 /b\n'), status=1)
        self.assertEqual(lines[-1], '1 passed, 1 failed')
        self.assertEqual(code, 1)

    def test_crash_is_a_failure(self):
        lines, code = summarise(test('ERROR', '1..5\nok 1 /a\nok 2 /b\n'), status=1)
        self.assertEqual(lines[-1], '2 passed, 1 failed')
        self.assertEqual(code, 1)

    def test_meson_failing_alone(self):
        lines, code = summarise(test('OK'), status=1)
        self.assertEqual(lines[-1], '1 passed, 1 failed')
        self.assertEqual(code, 1)

    def test_nothing_run_is_no_success(self):
        lines, code = summarise()
        self.assertEqual(lines[-1], '0 passed, 0 failed')
        self.assertEqual(code, 1)


if __name__ == '__main__':
    unittest.main()
