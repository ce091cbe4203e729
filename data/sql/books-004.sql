-- The books, version 4: the daily match with the gateways' bills.

CREATE TABLE reconciliation (
  id              INTEGER PRIMARY KEY,
  site            INTEGER NOT NULL,
  channel         TEXT NOT NULL,
  day             INTEGER NOT NULL,
  run_ms          INTEGER NOT NULL,
  operator_id     INTEGER NOT NULL REFERENCES operator (id),
  n_ours          INTEGER NOT NULL,
  n_theirs        INTEGER NOT NULL,
  n_equal         INTEGER NOT NULL,
  ours            INTEGER NOT NULL,
  theirs          INTEGER NOT NULL,
  ours_refunded   INTEGER NOT NULL,
  theirs_refunded INTEGER NOT NULL,
  fee_e5          INTEGER NOT NULL,
  UNIQUE (site, channel, day)
) STRICT;

CREATE TABLE difference (
  id                 INTEGER PRIMARY KEY,
  reconciliation_id  INTEGER NOT NULL REFERENCES reconciliation (id),
  kind               TEXT NOT NULL,
  attempt_no         TEXT NOT NULL,
  refund_no          TEXT NOT NULL DEFAULT '',
  txn                TEXT NOT NULL DEFAULT '',
  order_id           TEXT,
  ours               INTEGER NOT NULL,
  theirs             INTEGER NOT NULL,
  ours_ms            INTEGER NOT NULL,
  theirs_ms          INTEGER NOT NULL,
  bill_state         TEXT,
  stands             INTEGER NOT NULL DEFAULT 1 CHECK (stands IN (0, 1)),
  action             TEXT NOT NULL DEFAULT 'none',
  outcome            TEXT,
  operator_id        INTEGER REFERENCES operator (id),
  UNIQUE (reconciliation_id, kind, attempt_no, refund_no, txn)
) STRICT;
