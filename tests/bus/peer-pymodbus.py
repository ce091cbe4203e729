#!/usr/bin/python3
# peer-pymodbus.py: an independent Modbus server, so that our own peers do not judge us alone
#
# Copyright 2026 The Tillwatt authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: peer-pymodbus.py rtu PORT | tcp PORT | serial PATH
#
# Register A of every unit holds A, until it is written.
import os
import sys
import threading
import time

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartSerialServer, StartTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer


def die_with_parent():
    """A test that was broken off must not leave its peer behind."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


threading.Thread(target=die_with_parent, daemon=True).start()
slaves = {unit: ModbusSlaveContext(hr=ModbusSequentialDataBlock(0, list(range(4096))), zero_mode=True)
          for unit in (1, 2, 3)}
context = ModbusServerContext(slaves=slaves, single=False)
kind, where = sys.argv[1:3]
print('ready', where if kind != 'serial' else 0, flush=True)
if kind == 'serial':
    StartSerialServer(context=context, framer=ModbusRtuFramer, port=where, baudrate=9600)
else:
    StartTcpServer(context=context, address=('127.0.0.1', int(where)), allow_reuse_address=True,
                   framer=ModbusRtuFramer if kind == 'rtu' else ModbusSocketFramer)
