-- The books, version 1. Money is in fen, energy in 0.01 kWh, prices in 1e-6 yuan/kWh, times are UTC
-- milliseconds, days yyyymmdd of Asia/Shanghai. Every table has the site, so that several sites can
-- share a server one day. What is written about money is never changed and never deleted.

CREATE TABLE meta (
  site           INTEGER NOT NULL,
  commit_serial  INTEGER NOT NULL,
  created_ms     INTEGER NOT NULL,
  PRIMARY KEY (site)
) STRICT;

CREATE TABLE setting (
  site   INTEGER NOT NULL,
  key    TEXT NOT NULL,
  value  TEXT NOT NULL,
  PRIMARY KEY (site, key)
) STRICT;

CREATE TABLE operator (
  id             INTEGER PRIMARY KEY,
  site           INTEGER NOT NULL,
  name           TEXT NOT NULL,
  display_name   TEXT NOT NULL,
  role           TEXT NOT NULL,
  password_hash  TEXT NOT NULL,
  active         INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_ms     INTEGER NOT NULL,
  UNIQUE (site, name)
) STRICT;

-- The tree: kind 0 building, 1 floor, 2 shop.
CREATE TABLE place (
  id         INTEGER PRIMARY KEY,
  site       INTEGER NOT NULL,
  parent_id  INTEGER NOT NULL,
  kind       INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
  name       TEXT NOT NULL CHECK (name <> ''),
  area_cm2   INTEGER NOT NULL DEFAULT 0,
  UNIQUE (site, parent_id, kind, name)
) STRICT;

CREATE TABLE tenant (
  id     INTEGER PRIMARY KEY,
  site   INTEGER NOT NULL,
  name   TEXT NOT NULL,
  phone  TEXT
) STRICT;

CREATE TABLE account (
  id            INTEGER PRIMARY KEY,
  site          INTEGER NOT NULL,
  shop_id       INTEGER NOT NULL REFERENCES place (id),
  tenant_id     INTEGER NOT NULL REFERENCES tenant (id),
  balance_mode  TEXT NOT NULL CHECK (balance_mode IN ('meter', 'server')),
  opened_ms     INTEGER NOT NULL,
  closed_ms     INTEGER
) STRICT;

CREATE UNIQUE INDEX account_open_in_shop ON account (site, shop_id) WHERE closed_ms IS NULL;

CREATE TABLE line (
  id            INTEGER PRIMARY KEY,
  site          INTEGER NOT NULL,
  kind          TEXT NOT NULL,
  address       TEXT NOT NULL CHECK (address <> ''),
  baud          INTEGER NOT NULL DEFAULT 9600,
  parity        TEXT NOT NULL DEFAULT 'N' CHECK (parity IN ('N', 'E', 'O')),
  stop_bits     INTEGER NOT NULL DEFAULT 1 CHECK (stop_bits IN (1, 2)),
  registration  TEXT,
  UNIQUE (site, address)
) STRICT;

CREATE TABLE meter (
  id               INTEGER PRIMARY KEY,
  site             INTEGER NOT NULL,
  meter_no         TEXT NOT NULL CHECK (meter_no <> ''),
  account_id       INTEGER REFERENCES account (id),
  place_id         INTEGER NOT NULL REFERENCES place (id),
  line_id          INTEGER NOT NULL REFERENCES line (id),
  unit             INTEGER NOT NULL CHECK (unit BETWEEN 1 AND 247),
  profile          TEXT NOT NULL,
  ct               INTEGER NOT NULL DEFAULT 0,
  pt               INTEGER NOT NULL DEFAULT 0,
  tariff           TEXT NOT NULL DEFAULT '',
  count_rule       TEXT NOT NULL DEFAULT 'unknown',
  parent_meter_id  INTEGER REFERENCES meter (id),
  never_trip       INTEGER NOT NULL DEFAULT 0 CHECK (never_trip IN (0, 1)),
  epoch            INTEGER NOT NULL DEFAULT 1,
  adopted_ms       INTEGER,
  UNIQUE (site, meter_no),
  UNIQUE (site, line_id, unit)
) STRICT;

CREATE INDEX meter_of_account ON meter (account_id);

-- A sale. Its id is made by the caller's side before anything is written; key is the caller's.
CREATE TABLE orders (
  site         INTEGER NOT NULL,
  id           TEXT NOT NULL,
  key          TEXT NOT NULL,
  account_id   INTEGER NOT NULL REFERENCES account (id),
  meter_id     INTEGER REFERENCES meter (id),
  fen          INTEGER NOT NULL CHECK (fen BETWEEN 1 AND 999999999),
  method       TEXT NOT NULL,
  operator_id  INTEGER NOT NULL REFERENCES operator (id),
  created_ms   INTEGER NOT NULL,
  state        TEXT NOT NULL,
  paid_ms      INTEGER,
  credited_ms  INTEGER,
  message      TEXT,
  PRIMARY KEY (site, id),
  UNIQUE (site, key)
) STRICT;

CREATE INDEX orders_by_time ON orders (site, created_ms);
CREATE INDEX orders_of_account ON orders (account_id, created_ms);
CREATE INDEX orders_by_state ON orders (site, state) WHERE state IN ('new', 'paid', 'review', 'refused');

CREATE TRIGGER orders_keep_their_terms
BEFORE UPDATE OF site, id, key, account_id, meter_id, fen, method, operator_id, created_ms ON orders
BEGIN
  SELECT RAISE (ABORT, 'the terms of a sale are never changed');
END;

CREATE TRIGGER orders_are_kept BEFORE DELETE ON orders
BEGIN
  SELECT RAISE (ABORT, 'a sale is never deleted');
END;

-- Money that came in, once for each transaction of a channel.
CREATE TABLE payment (
  site         INTEGER NOT NULL,
  channel      TEXT NOT NULL,
  txn          TEXT NOT NULL,
  order_id     TEXT NOT NULL,
  fen          INTEGER NOT NULL CHECK (fen > 0),
  received_ms  INTEGER NOT NULL,
  credited     INTEGER NOT NULL CHECK (credited IN (0, 1)),
  raw          BLOB,
  PRIMARY KEY (site, channel, txn)
) STRICT;

CREATE UNIQUE INDEX payment_credits_once ON payment (site, order_id) WHERE credited = 1;

CREATE TRIGGER payment_is_final BEFORE UPDATE ON payment
BEGIN
  SELECT RAISE (ABORT, 'a payment is never changed');
END;

CREATE TRIGGER payment_is_kept BEFORE DELETE ON payment
BEGIN
  SELECT RAISE (ABORT, 'a payment is never deleted');
END;

-- What a meter is to be told; the only way to command one.
CREATE TABLE intent (
  id              INTEGER PRIMARY KEY,
  site            INTEGER NOT NULL,
  kind            TEXT NOT NULL,
  state           TEXT NOT NULL,
  meter_id        INTEGER NOT NULL REFERENCES meter (id),
  order_id        TEXT,
  operator_id     INTEGER NOT NULL REFERENCES operator (id),
  reason          TEXT NOT NULL DEFAULT '',
  until_ms        INTEGER NOT NULL DEFAULT 0,
  created_ms      INTEGER NOT NULL,
  sent_ms         INTEGER,
  settled_ms      INTEGER,
  tries           INTEGER NOT NULL DEFAULT 0,
  unknown         INTEGER NOT NULL DEFAULT 0 CHECK (unknown IN (0, 1)),
  message         TEXT,
  fen             INTEGER NOT NULL DEFAULT 0,
  epoch           INTEGER,
  meter_no        TEXT,
  count_before    INTEGER,
  count_new       INTEGER,
  balance_before  INTEGER,
  energy_before   INTEGER,
  before_ms       INTEGER,
  balance_after   INTEGER,
  after_ms        INTEGER
) STRICT;

-- No purchase count of a meter is used twice, whoever writes; burnt rows have given theirs back.
CREATE UNIQUE INDEX intent_uses_count_once ON intent (site, meter_id, epoch, count_new)
  WHERE count_new IS NOT NULL AND state <> 'burnt';
CREATE UNIQUE INDEX intent_delivers_order_once ON intent (site, order_id)
  WHERE kind = 'purchase' AND state <> 'burnt';
CREATE INDEX intent_open ON intent (site, meter_id)
  WHERE state IN ('pending', 'sending', 'review');
CREATE INDEX intent_by_meter ON intent (meter_id, created_ms);

CREATE TRIGGER intent_is_kept BEFORE DELETE ON intent
BEGIN
  SELECT RAISE (ABORT, 'an intent is never deleted: its number could still arrive');
END;

CREATE TRIGGER intent_keeps_its_terms
BEFORE UPDATE OF site, kind, meter_id, order_id, operator_id, reason, until_ms, created_ms, fen ON intent
BEGIN
  SELECT RAISE (ABORT, 'the terms of an intent are never changed');
END;

-- The journal: an entry has two legs or more, which add up to nothing.
CREATE TABLE entry (
  id           INTEGER PRIMARY KEY,
  site         INTEGER NOT NULL,
  ref          TEXT NOT NULL,
  kind         TEXT NOT NULL,
  at_ms        INTEGER NOT NULL,
  day          INTEGER NOT NULL,
  operator_id  INTEGER NOT NULL REFERENCES operator (id),
  order_id     TEXT,
  receipt_no   TEXT,
  memo         TEXT NOT NULL DEFAULT '',
  digest       TEXT NOT NULL,
  UNIQUE (site, ref)
) STRICT;

CREATE INDEX entry_by_day ON entry (site, day);

CREATE TABLE leg (
  entry_id    INTEGER NOT NULL REFERENCES entry (id),
  leg         INTEGER NOT NULL,
  site        INTEGER NOT NULL,
  ledger      TEXT NOT NULL,
  account_id  INTEGER NOT NULL,
  meter_id    INTEGER NOT NULL,
  fen         INTEGER NOT NULL CHECK (fen <> 0),
  PRIMARY KEY (entry_id, leg)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entry_is_final BEFORE UPDATE ON entry
BEGIN
  SELECT RAISE (ABORT, 'a journal entry is never changed');
END;

CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry
BEGIN
  SELECT RAISE (ABORT, 'a journal entry is never deleted');
END;

CREATE TRIGGER leg_is_final BEFORE UPDATE ON leg
BEGIN
  SELECT RAISE (ABORT, 'a journal entry is never changed');
END;

CREATE TRIGGER leg_is_kept BEFORE DELETE ON leg
BEGIN
  SELECT RAISE (ABORT, 'a journal entry is never deleted');
END;

-- Sums of the legs, kept as they are written and checked against them by verify.
CREATE TABLE balance (
  site        INTEGER NOT NULL,
  ledger      TEXT NOT NULL,
  account_id  INTEGER NOT NULL,
  meter_id    INTEGER NOT NULL,
  fen         INTEGER NOT NULL,
  PRIMARY KEY (site, ledger, account_id, meter_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX balance_of_meter ON balance (meter_id);

CREATE TABLE receipt_counter (
  site         INTEGER NOT NULL,
  year         INTEGER NOT NULL,
  last_number  INTEGER NOT NULL,
  PRIMARY KEY (site, year)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
  site      INTEGER NOT NULL,
  year      INTEGER NOT NULL,
  number    INTEGER NOT NULL CHECK (number > 0),
  order_id  TEXT NOT NULL,
  at_ms     INTEGER NOT NULL,
  PRIMARY KEY (site, year, number),
  UNIQUE (site, order_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER receipt_is_final BEFORE UPDATE ON receipt
BEGIN
  SELECT RAISE (ABORT, 'a receipt is never changed');
END;

CREATE TRIGGER receipt_is_kept BEFORE DELETE ON receipt
BEGIN
  SELECT RAISE (ABORT, 'a receipt is never deleted');
END;

-- Each copy of a receipt that was asked for: number 0 is the original, then the reprints.
CREATE TABLE receipt_copy (
  site         INTEGER NOT NULL,
  order_id     TEXT NOT NULL,
  copy         INTEGER NOT NULL,
  at_ms        INTEGER NOT NULL,
  operator_id  INTEGER NOT NULL REFERENCES operator (id),
  PRIMARY KEY (site, order_id, copy)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER receipt_copy_is_final BEFORE UPDATE ON receipt_copy
BEGIN
  SELECT RAISE (ABORT, 'a copy of a receipt is never changed');
END;

CREATE TRIGGER receipt_copy_is_kept BEFORE DELETE ON receipt_copy
BEGIN
  SELECT RAISE (ABORT, 'a copy of a receipt is never deleted');
END;

-- The registers of a meter whenever they were booked; between two marks lies what was used.
CREATE TABLE mark (
  id              INTEGER PRIMARY KEY,
  site            INTEGER NOT NULL,
  meter_id        INTEGER NOT NULL REFERENCES meter (id),
  epoch           INTEGER NOT NULL,
  kind            TEXT NOT NULL,
  at_ms           INTEGER NOT NULL,
  entry_id        INTEGER REFERENCES entry (id),
  remaining       INTEGER NOT NULL,
  purchase_count  INTEGER NOT NULL,
  energy          INTEGER NOT NULL,
  energy_sharp    INTEGER NOT NULL,
  energy_peak     INTEGER NOT NULL,
  energy_flat     INTEGER NOT NULL,
  energy_valley   INTEGER NOT NULL,
  energy_deep     INTEGER NOT NULL
) STRICT;

CREATE INDEX mark_of_meter ON mark (meter_id, id);

CREATE TRIGGER mark_is_final BEFORE UPDATE ON mark
BEGIN
  SELECT RAISE (ABORT, 'a mark is never changed');
END;

CREATE TRIGGER mark_is_kept BEFORE DELETE ON mark
BEGIN
  SELECT RAISE (ABORT, 'a mark is never deleted');
END;

-- Who did what when.
CREATE TABLE audit (
  seq       INTEGER PRIMARY KEY,
  site      INTEGER NOT NULL,
  at_ms     INTEGER NOT NULL,
  operator  TEXT NOT NULL,
  action    TEXT NOT NULL,
  subject   TEXT NOT NULL,
  detail    TEXT NOT NULL,
  digest    TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE (ABORT, 'the audit trail is never changed');
END;

CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN
  SELECT RAISE (ABORT, 'the audit trail is never deleted');
END;

-- The last look at each meter, for the cap and for verify while nothing runs. Nothing owed is in it.
CREATE TABLE latest (
  meter_id        INTEGER PRIMARY KEY REFERENCES meter (id),
  site            INTEGER NOT NULL,
  at_ms           INTEGER NOT NULL,
  fields          INTEGER NOT NULL,
  remaining       INTEGER NOT NULL,
  purchase_count  INTEGER NOT NULL,
  flags           INTEGER NOT NULL,
  energy          INTEGER NOT NULL,
  energy_sharp    INTEGER NOT NULL,
  energy_peak     INTEGER NOT NULL,
  energy_flat     INTEGER NOT NULL,
  energy_valley   INTEGER NOT NULL,
  energy_deep     INTEGER NOT NULL
) STRICT;

-- The registers at the first reading of a civil day, for “today”.
CREATE TABLE day_start (
  meter_id        INTEGER PRIMARY KEY REFERENCES meter (id),
  site            INTEGER NOT NULL,
  day             INTEGER NOT NULL,
  remaining       INTEGER NOT NULL,
  delivered       INTEGER NOT NULL,
  energy          INTEGER NOT NULL
) STRICT;
