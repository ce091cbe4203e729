#!/usr/bin/env python3
"""Counts what meson's logs say and prints “N passed, N failed” as the last line.

Usage: summary.py STATUS LOG…  STATUS is meson's exit code.  A program that speaks TAP counts by its
subtests, any other as one.  Skipped tests are told apart and are neither passed nor failed.
Exits 1 when anything failed, or when nothing was run.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

TAP_LINE = re.compile(r'^(not )?ok\b[ \t]*\d*[ \t]*-?[ \t]*(.*?)(?:[ \t]*#[ \t]*(SKIP)\b[ \t]*(.*))?$', re.IGNORECASE)


def judge(test):
    """Yields (verdict, name, why) for each thing that the program tested."""
    name = test['name']
    result = test['result']
    lines = (test.get('stdout') or '').split('\n')

    if result == 'SKIP':
        yield 'skipped', name, ' '.join((test.get('stdout') or '').split())[-200:]
        return

    if not any(re.match(r'1\.\.\d+', line) for line in lines):
        yield ('passed' if result in ('OK', 'EXPECTEDFAIL') else 'failed'), name, result
        return

    failed = False
    for line in lines:
        if match := TAP_LINE.match(line):
            verdict = 'failed' if match[1] else 'skipped' if match[3] else 'passed'
            failed = failed or verdict == 'failed'
            yield verdict, f'{name}: {match[2]}', match[4] or ''

    # A program that crashed or ran out of time left no line that says so.
    if result not in ('OK', 'EXPECTEDFAIL') and not failed:
        yield 'failed', name, result


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())

    status = int(sys.argv[1])
    counts = Counter()
    remarks = {'skipped': [], 'failed': []}

    for log in sys.argv[2:]:
        if not Path(log).exists():
            continue
        for line in Path(log).read_text(encoding='utf-8', errors='replace').splitlines():
            for verdict, name, why in judge(json.loads(line)):
                counts[verdict] += 1
                if verdict in remarks:
                    remarks[verdict].append(f'{verdict}: {name}' + (f' ({why})' if why else ''))

    print('\n' + '\n'.join(remarks['skipped'] + remarks['failed']))
    if counts['skipped']:
        print(f'{counts["skipped"]} skipped')
    if status != 0 and not counts['failed']:
        print(f'meson test ended with {status}')
        counts['failed'] += 1

    print(f'{counts["passed"]} passed, {counts["failed"]} failed')
    sys.exit(counts['failed'] > 0 or counts['passed'] == 0)


if __name__ == '__main__':
    main()
