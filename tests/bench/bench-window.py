#!/usr/bin/env python3
# bench-window.py: the first frame of the window, beside that of a bare window of GTK, in one run
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: bench-window [--json] [--tenants N] [--runs N]
#
# A report, never a test with a limit: starts both programs by turns under one Xvfb, and gives the median
# and the spread of the time from the start of the process to its first painted frame, for a site of a
# few tenants and for one of many. Beside it the time until the books are open and the tenants known, and
# the most memory that was resident until then.

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEADER = 'building,floor,shop,area_m2,tenant,phone,line,line_kind,address,profile,meter_no,ct,tariff,balance_mode'
INNER = 'BENCH_WINDOW_INNER'
PASSWORD = 'bench 4711 window'
METERS_A_LINE = 200
FEW = 100


def program():
    return os.environ.get('TILLWATT', 'build/src/tillwatt')


def with_screen():
    if INNER in os.environ:
        return
    environment = {**os.environ, INNER: '1', 'GSK_RENDERER': 'cairo', 'GDK_DEBUG': 'gl-disable',
                   'GTK_A11Y': 'none', 'DBUS_SESSION_BUS_ADDRESS': 'disabled:', 'G_DEBUG': '',
                   'GSETTINGS_BACKEND': 'memory'}
    sys.exit(subprocess.run(['xvfb-run', '-a', '-s', '-screen 0 1366x768x24 -noreset', sys.executable,
                             *sys.argv], env=environment, check=False).returncode)


def make_site(folder, tenants):
    environment = {**os.environ, 'TILLWATT_PASSWORD': PASSWORD}

    def ctl(*words):
        subprocess.run([program(), 'ctl', '--data-dir', folder, *words], env=environment, check=True,
                       stdout=subprocess.DEVNULL)

    ctl('init')
    ctl('config', 'set', 'listener.port', '0')
    rows = [HEADER]
    for index in range(tenants):
        line, unit = divmod(index, METERS_A_LINE)
        rows.append(f'{"ABC"[index % 3]},{index % 5 + 1}F,S{index:05},50,Tenant {index},'
                    f'{13800000000 + index},127.0.0.1:{20001 + line},rtu-tcp,{unit + 1},dtsy1352,'
                    f'{202611000000 + index},1,,meter')
    site = Path(folder) / 'site.csv'
    site.write_text('\n'.join(rows) + '\n', encoding='utf-8')
    ctl('import', str(site))


def start(*command):
    """Milliseconds from the start of the process to each thing it tells, and KiB resident at most."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    told = [json.loads(line) for line in process.stdout]
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    run = {event['event']: event['monotonic_us'] / 1000 - began * 1000 for event in told}
    if status != 0 or 'first-frame' not in run:
        sys.exit(f'{command[0]} ended with {status} and told {told}')
    return {**run, 'kib': usage.ru_maxrss}


def measure(sites, runs):
    commands = {'bare window': (os.environ.get('BENCH_FLOOR', 'build/tests/bench/bench-floor'),)}
    for name, folder in sites.items():
        commands[name] = (program(), '--data-dir', folder, '--exit-after-startup')
    taken = {name: [] for name in commands}
    for name, command in commands.items():
        start(*command)  # once to fill the caches
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(start(*command))
    return taken


def main():
    with_screen()
    parser = argparse.ArgumentParser()
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--tenants', type=int, default=10000)
    parser.add_argument('--runs', type=int, default=5)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix='till-bench-')
    try:
        sites = {}
        for tenants in (FEW, arguments.tenants):
            sites[f'{tenants} tenants'] = str(Path(folder) / str(tenants))
            make_site(sites[f'{tenants} tenants'], tenants)
        taken = measure(sites, arguments.runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(taken, arguments.json)


def report(taken, as_json):
    floor = statistics.median(run['first-frame'] for run in taken['bare window'])
    few = statistics.median(run['kib'] for run in taken[f'{FEW} tenants'])
    for name, runs in taken.items():
        times = [run['first-frame'] for run in runs]
        kib = int(statistics.median(run['kib'] for run in runs))
        row = {'bench': 'window', 'what': name, 'ms': round(statistics.median(times), 1),
               'least_ms': round(min(times), 1), 'most_ms': round(max(times), 1),
               'ratio': round(statistics.median(times) / floor, 3), 'resident_kib': kib}
        text = (f'{name:16} {row["ms"]:8} ms ({row["least_ms"]} to {row["most_ms"]}), '
                f'{row["ratio"]} of a bare window, {kib} KiB')
        if 'ready' in runs[0]:
            row['ready_ms'] = round(statistics.median(run['ready'] for run in runs), 1)
            row['growth_kib'] = int(kib - few)
            text += f'; ready after {row["ready_ms"]} ms, {row["growth_kib"]} KiB more than {FEW} tenants'
        print(json.dumps(row) if as_json else text)


if __name__ == '__main__':
    main()
