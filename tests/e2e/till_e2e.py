# till_e2e.py: the program and a simulated site as black boxes
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import random
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PASSWORD = 'open sesame 77'
HEADER = 'building,floor,shop,area_m2,tenant,phone,line,line_kind,address,profile,meter_no,ct,' \
         'tariff,balance_mode,count_rule'
OPEN_STATES = ('pending', 'sending')


def program_path():
    return os.environ.get('TILLWATT', 'build/src/tillwatt')


def simulator_path():
    return os.environ.get('TILLWATT_SIMULATOR', 'build/src/simulator/tillwatt-simulator')


def free_port():
    """Below the ports that the kernel gives to clients, so that nobody takes it in a restart."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                continue
            return port


def wait_for(check, seconds, what):
    """Waits for a truth; a machine that is slow only takes longer."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f'not within {seconds} s: {what}')
        time.sleep(0.02)


class Meter:
    """A meter as the import file has it."""

    def __init__(self, shop, number, line, unit, rule='guarded', building='A', profile='dtsy1352',
                 tenant=None):
        self.shop, self.number, self.line, self.unit = shop, number, line, unit
        self.rule, self.building, self.profile = rule, building, profile
        self.tenant = tenant or f'Tenant {shop}'

    def path(self):
        return f'{self.building}/{self.shop}'

    def row(self):
        return f'{self.building},1,{self.shop},50,{self.tenant},13800000{self.unit:03},{self.line},' \
               f'rtu-tcp,{self.unit},{self.profile},{self.number},1,,meter,{self.rule}'


class Simulator:
    """A simulated site that survives being killed."""

    def __init__(self, folder, meters, *arguments):
        self.folder = Path(folder)
        self.control_path = str(self.folder / 'sim')
        self.site = self.folder / 'sim.csv'
        self.site.write_text('\n'.join([HEADER] + [m.row() for m in meters]) + '\n')
        self.arguments = ['--no-timing', '--turnaround', '1', *arguments]
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [simulator_path(), '--site', str(self.site), '--control', self.control_path, '--state',
             str(self.folder / 'sim.state'), *self.arguments], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f'the simulator ended with {self.process.wait()}')
        self.control = socket.socket(socket.AF_UNIX)
        self.control.settimeout(30)
        self.control.connect(self.control_path)
        self.file = self.control.makefile('rw')

    def do(self, command):
        self.file.write(command + '\n')
        self.file.flush()
        answer = json.loads(self.file.readline())
        if not answer['ok']:
            raise AssertionError(f'{command}: {answer}')
        return answer

    def meter(self, number):
        return self.do('meter ' + number)

    def hush(self):
        self.file.close()
        self.control.close()
        self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.hush()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
            self.hush()


class Program:
    """One data folder, and the program on it when it runs."""

    def __init__(self, folder, binary=None):
        self.folder = Path(folder)
        self.data = str(self.folder / 'data')
        self.binary = binary or program_path()
        self.log = open(self.folder / 'program.log', 'ab')
        self.process = None
        self.ready = None
        self.preload = {}  # for the running program only, not for its ctl

    def environment(self, **more):
        return {**os.environ, 'TILLWATT_PASSWORD': PASSWORD, 'G_DEBUG': '', **more}

    def spawn(self, *prefix, arguments=()):
        """Starts it, under another program when one is named; does not wait."""
        # Its whole group is ended when it is killed: a tracer too.
        self.process = subprocess.Popen(
            [*prefix, self.binary, '--headless', '--data-dir', self.data, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
            env=self.environment(**self.preload), start_new_session=True)
        self.ready = None

    def wait_ready(self, seconds=60):
        """Whether it became ready; False when it ended before."""
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise AssertionError('the program was not ready in time')
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(30)
            return False
        self.ready = json.loads(line)
        return True

    def start(self, *prefix, arguments=()):
        self.spawn(*prefix, arguments=arguments)
        if not self.wait_ready():
            raise AssertionError(f'the program ended with {self.process.returncode}; '
                                 f'see {self.log.name}')

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(30)
        self.process.stdout.close()
        self.process = None

    def stop(self, seconds=60):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(seconds)
        self.process.stdout.close()
        self.process = None
        return status

    def ctl_start(self, *words, operator='admin', password=PASSWORD, binary=None, **more):
        return subprocess.Popen(
            [binary or self.binary, 'ctl', '--data-dir', self.data, '--operator', operator, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env=self.environment(TILLWATT_PASSWORD=password, **more))

    def ctl_run(self, *words, seconds=120, **more):
        """Exit code and what was said, a list of objects."""
        process = self.ctl_start(*words, **more)
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return process.returncode, [json.loads(line) for line in output.splitlines()]

    def ctl(self, *words, **more):
        status, lines = self.ctl_run(*words, **more)
        if status != 0:
            raise AssertionError(f'ctl {" ".join(words)} ended with {status}: {lines}')
        return lines

    def set_up(self, meters, **settings):
        self.ctl('init')
        for key, value in {'listener.port': 0, 'poll.interval-s': 1, **settings}.items():
            self.ctl('config', 'set', key, str(value))
        site = self.folder / 'site.csv'
        site.write_text('\n'.join([HEADER] + [m.row() for m in meters]) + '\n')
        return self.ctl('import', str(site))

    def query(self, sql, *values):
        """Looks into the books from outside, past the program that keeps them."""
        db = sqlite3.connect(f'file:{self.data}/books.db?mode=ro', uri=True, timeout=30)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def wait_adopted(self, count, seconds=60):
        wait_for(lambda: self.query('SELECT COUNT(*) FROM meter WHERE adopted_ms IS NOT NULL')[0][0]
                 >= count, seconds, f'{count} meters taken into the books')

    def wait_settled(self, seconds=90):
        """Until no purchase is open but those that wait for a person."""
        wait_for(lambda: not self.query(
            "SELECT 1 FROM intent WHERE kind = 'purchase' AND state IN ('pending', 'sending') "
            "AND meter_id NOT IN (SELECT meter_id FROM intent WHERE state = 'review') LIMIT 1"),
            seconds, 'purchases settled')


class Site:
    """A simulator, and the program with a data folder set up for it."""

    def __init__(self, meters, binary=None, settings=None, simulator=()):
        self.folder = tempfile.mkdtemp(prefix='till-e2e-')
        self.meters = meters
        self.simulator = None
        self.program = Program(self.folder, binary)
        try:
            self.simulator = Simulator(self.folder, meters, *simulator)
            if settings != 'later':
                self.program.set_up(meters, **(settings or {}))
        except BaseException:
            self.close()
            raise

    def close(self, keep=False):
        self.program.kill()
        self.program.log.close()
        if self.simulator is not None:
            self.simulator.stop()
        if keep:
            print(f'# kept: {self.folder}', file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
