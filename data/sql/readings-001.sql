-- The readings, version 1. Energy in 0.01 kWh, power in W (-1 not known), times UTC milliseconds, days
-- yyyymmdd and months yyyymm of Asia/Shanghai. Marks: 1 estimated, 2 the registers begin anew.

-- The slots of days that are not over. A day of a meter is here or in packed_day, never in both.
CREATE TABLE open_slot (
  site         INTEGER NOT NULL,
  meter_id     INTEGER NOT NULL,
  at_ms        INTEGER NOT NULL,
  total        INTEGER NOT NULL,
  sharp        INTEGER NOT NULL,
  peak         INTEGER NOT NULL,
  flat         INTEGER NOT NULL,
  valley       INTEGER NOT NULL,
  deep         INTEGER NOT NULL,
  power_max_w  INTEGER NOT NULL,
  marks        INTEGER NOT NULL CHECK (marks BETWEEN 0 AND 3),
  PRIMARY KEY (site, meter_id, at_ms)
) STRICT, WITHOUT ROWID;

-- The slots of the days before; till-pack.c has the form.
CREATE TABLE packed_day (
  site      INTEGER NOT NULL,
  meter_id  INTEGER NOT NULL,
  day       INTEGER NOT NULL,
  slots     BLOB NOT NULL,
  PRIMARY KEY (site, meter_id, day)
) STRICT, WITHOUT ROWID;

-- What the slots add up to, by day and by month, kept as they are written. The month comes first in
-- the key of its table, so that a list of all meters does not grow with the years.
CREATE TABLE day_use (
  site         INTEGER NOT NULL,
  meter_id     INTEGER NOT NULL,
  day          INTEGER NOT NULL,
  total        INTEGER NOT NULL,
  sharp        INTEGER NOT NULL,
  peak         INTEGER NOT NULL,
  flat         INTEGER NOT NULL,
  valley       INTEGER NOT NULL,
  deep         INTEGER NOT NULL,
  power_max_w  INTEGER NOT NULL,
  n_slots      INTEGER NOT NULL,
  estimated    INTEGER NOT NULL CHECK (estimated IN (0, 1)),
  n_restarts   INTEGER NOT NULL,
  PRIMARY KEY (site, meter_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE month_use (
  site         INTEGER NOT NULL,
  month        INTEGER NOT NULL,
  meter_id     INTEGER NOT NULL,
  total        INTEGER NOT NULL,
  sharp        INTEGER NOT NULL,
  peak         INTEGER NOT NULL,
  flat         INTEGER NOT NULL,
  valley       INTEGER NOT NULL,
  deep         INTEGER NOT NULL,
  power_max_w  INTEGER NOT NULL,
  n_slots      INTEGER NOT NULL,
  estimated    INTEGER NOT NULL CHECK (estimated IN (0, 1)),
  n_restarts   INTEGER NOT NULL,
  PRIMARY KEY (site, month, meter_id)
) STRICT, WITHOUT ROWID;
