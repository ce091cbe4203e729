# till_window.py: the window as a person has it: keys go in, and what assistive programs are told comes out
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

INNER = 'TILL_WINDOW_INNER'
SCREEN = '1366x768x24'
STARTER = '''
openbox --sm-disable >/dev/null 2>&1 &
manager=$!
for i in $(seq 100); do
  xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q 'window id' && break
  sleep 0.05
done
"$@"
status=$?
kill $manager
exit $status
'''
# What the X server itself has seen: keys that went down, and whatever comes from a pointer.
KEYS = ('RawKeyPress',)
POINTER = ('RawButtonPress', 'RawMotion', 'RawTouchBegin', 'ButtonPress', 'Motion', 'TouchBegin')
# Long lists are not walked into: each row costs a few calls over the bus.
ROWS_MAX = 40


def with_screen():
    """Runs this program again with a screen, a window manager and a bus of its own; returns inside."""
    if INNER in os.environ:
        return
    folder = tempfile.mkdtemp(prefix='till-run-')
    environment = {**os.environ, INNER: '1', 'XDG_RUNTIME_DIR': folder, 'GSK_RENDERER': 'cairo',
                   'GDK_DEBUG': 'gl-disable', 'GSETTINGS_BACKEND': 'memory', 'LC_ALL': 'C.UTF-8'}
    for name in ('GTK_A11Y', 'DBUS_SESSION_BUS_ADDRESS', 'G_DEBUG'):
        environment.pop(name, None)
    try:
        status = subprocess.run(
            ['dbus-run-session', '--', 'xvfb-run', '-a', '-s', f'-screen 0 {SCREEN} -noreset',
             'bash', '-c', STARTER, '_', '/usr/bin/python3', *sys.argv], env=environment,
            check=False).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)


class Witness:
    """Counts what reaches the screen, whoever sent it."""

    def __init__(self, path):
        self.path = Path(path)
        with open(self.path, 'wb') as log:
            self.process = subprocess.Popen(['xinput', 'test-xi2', '--root'], stdout=log,
                                            stdin=subprocess.DEVNULL, env={**os.environ, 'LC_ALL': 'C'})
        # It hears nothing before it has listed the devices: a key that no program wants tells when it does.
        end = time.monotonic() + 60
        while self.count(KEYS) == 0:
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError('nothing is told of the keys')
            subprocess.run(['xdotool', 'key', 'Scroll_Lock'], check=True)
            time.sleep(0.2)

    def count(self, kinds):
        lines = self.path.read_text(errors='replace').splitlines()
        return sum(line.startswith('EVENT') and line.endswith(tuple(f'({kind})' for kind in kinds))
                   for line in lines)

    def close(self):
        self.process.terminate()
        self.process.wait(30)


class Window:
    """The program with its window, worked by keys and looked at through AT-SPI."""

    def __init__(self, program, language=''):
        warnings.simplefilter('ignore')
        import gi
        gi.require_version('Atspi', '2.0')
        from gi.repository import Atspi
        self.atspi = Atspi
        self.n_keys = 0
        self.program = program
        self.process = subprocess.Popen(
            [program.binary, '--data-dir', program.data], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=program.log,
            env={**os.environ, 'LANGUAGE': language})
        self.app = self.wait(self.find_app, 60, 'the window')

    def close(self):
        self.process.terminate()
        status = self.process.wait(60)
        if status != 0:
            raise AssertionError(f'the window ended with {status}')

    def wait(self, check, seconds, what):
        end = time.monotonic() + seconds
        while True:
            try:
                answer = check()
            except Exception:  # a widget that is gone while it is looked at
                answer = None
            if answer:
                return answer
            if self.process.poll() is not None:
                raise AssertionError(f'the window ended with {self.process.returncode}')
            if time.monotonic() > end:
                self.take_picture('till-keyboard-failed.png')
                raise AssertionError(f'not within {seconds} s: {what}')
            time.sleep(0.05)

    def find_app(self):
        desktop = self.atspi.get_desktop(0)
        for index in range(desktop.get_child_count()):
            app = desktop.get_child_at_index(index)
            if app is not None and app.get_process_id() == self.process.pid and app.get_child_count():
                return app
        return None

    def walk(self, node):
        yield node
        if node.get_child_count() > ROWS_MAX:
            return
        for index in range(node.get_child_count()):
            child = node.get_child_at_index(index)
            if child is not None and self.is_visible(child):
                yield from self.walk(child)

    def is_visible(self, node):
        return node.get_state_set().contains(self.atspi.StateType.VISIBLE)

    def find(self, role, name):
        """The widget of a role whose name is, or begins with, what is given."""
        def look():
            for node in self.walk(self.app):
                if node.get_role_name() == role and (node.get_name() or '').startswith(name):
                    return node
            return None
        return self.wait(look, 60, f'{role} “{name}”')

    def type_into(self, role, name, text):
        """Types, and holds each letter against what the widget has: so the keys do go there."""
        for end, letter in enumerate(text, 1):
            self.press('space' if letter == ' ' else letter)
            self.wait_text(role, name, text[:end])

    def wait_text(self, role, name, text):
        node = self.find(role, name)
        # A password is told as so many dots.
        self.wait(lambda: self.text_of(node) in (text, '\u2022' * len(text), '\u25cf' * len(text)), 30,
                  f'{role} “{name}” to have {len(text)} letters')

    def wait_focus(self, role, name):
        """Waits until the keys go to a widget, or to what is inside it."""
        node = self.find(role, name)
        self.wait(lambda: any(part.get_state_set().contains(self.atspi.StateType.FOCUSED)
                              for part in self.walk(node)), 60, f'the keys to go to {role} “{name}”')
        return node

    def labels(self):
        return [node.get_name() for node in self.walk(self.app) if node.get_role_name() == 'label']

    def wait_label(self, text):
        return self.wait(lambda: next((name for name in self.labels() if text in name), None), 60,
                         f'a label with “{text}”')

    def text_of(self, node):
        return self.atspi.Text.get_text(node, 0, self.atspi.Text.get_character_count(node))

    def press(self, *keys):
        for key in keys:
            subprocess.run(['xdotool', 'key', '--clearmodifiers', key], check=True)
            self.n_keys += 1

    def take_picture(self, path):
        subprocess.run(['import', '-window', 'root', path], check=False)


def read_pdf(path):
    return subprocess.run(['pdftotext', '-layout', str(Path(path)), '-'], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
