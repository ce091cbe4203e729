-- The books, version 2: payments through a gateway.

-- An attempt to have an order paid: one number of ours at the gateway (out_trade_no), never used
-- for another one. A test of a gateway has no order.
CREATE TABLE attempt (
  site        INTEGER NOT NULL,
  no          TEXT NOT NULL,
  order_id    TEXT,
  channel     TEXT NOT NULL,
  kind        TEXT NOT NULL,
  fen         INTEGER NOT NULL CHECK (fen > 0),
  created_ms  INTEGER NOT NULL,
  expires_ms  INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('creating', 'waiting', 'closing', 'paid', 'closed',
                                             'failed')),
  code        TEXT,
  noticed_ms  INTEGER,
  message     TEXT,
  PRIMARY KEY (site, no)
) STRICT;

CREATE UNIQUE INDEX attempt_lives_once ON attempt (site, order_id)
  WHERE order_id IS NOT NULL AND state IN ('creating', 'waiting', 'closing', 'paid');
CREATE INDEX attempt_of_order ON attempt (site, order_id);
CREATE INDEX attempt_open ON attempt (site, state) WHERE state IN ('creating', 'waiting', 'closing');

CREATE TRIGGER attempt_keeps_its_terms
BEFORE UPDATE OF site, no, order_id, channel, kind, fen, created_ms, expires_ms ON attempt
BEGIN
  SELECT RAISE (ABORT, 'the terms of an attempt are never changed');
END;

-- What is paid stays paid, and what cannot be paid any more does not come back.
CREATE TRIGGER attempt_goes_forward BEFORE UPDATE OF state ON attempt
WHEN OLD.state IN ('paid', 'closed', 'failed') AND NEW.state <> OLD.state
BEGIN
  SELECT RAISE (ABORT, 'an attempt never goes back');
END;

CREATE TRIGGER attempt_is_kept BEFORE DELETE ON attempt
BEGIN
  SELECT RAISE (ABORT, 'an attempt is never deleted');
END;

-- A genuine payment that was not credited by itself; it waits for the decision of a person.
CREATE TABLE stray (
  id            INTEGER PRIMARY KEY,
  site          INTEGER NOT NULL,
  channel       TEXT NOT NULL,
  txn           TEXT NOT NULL,
  attempt_no    TEXT NOT NULL,
  order_id      TEXT,
  fen           INTEGER NOT NULL CHECK (fen > 0),
  payer         TEXT,
  received_ms   INTEGER NOT NULL,
  reason        TEXT NOT NULL,
  booked        INTEGER NOT NULL CHECK (booked IN (0, 1)),
  raw           BLOB,
  state         TEXT NOT NULL,
  operator_id   INTEGER REFERENCES operator (id),
  decided_ms    INTEGER,
  message       TEXT,
  new_order_id  TEXT,
  UNIQUE (site, channel, txn)
) STRICT;

CREATE INDEX stray_open ON stray (site, state) WHERE state IN ('open', 'refunding');

CREATE TRIGGER stray_keeps_its_terms
BEFORE UPDATE OF site, channel, txn, attempt_no, order_id, fen, payer, received_ms, reason, booked,
  raw ON stray
BEGIN
  SELECT RAISE (ABORT, 'a payment in suspense is never changed');
END;

CREATE TRIGGER stray_is_kept BEFORE DELETE ON stray
BEGIN
  SELECT RAISE (ABORT, 'a payment in suspense is never deleted');
END;
