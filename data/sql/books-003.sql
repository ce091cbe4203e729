-- The books, version 3: refunds.

-- Money that goes back: from the meter first, then to the payer. The number is made of the order's:
-- to a gateway the same number is the same refund, however often it is asked for.
CREATE TABLE refund (
  site           INTEGER NOT NULL,
  no             TEXT NOT NULL,
  order_id       TEXT,
  stray_id       INTEGER REFERENCES stray (id),
  intent_id      INTEGER REFERENCES intent (id),
  account_id     INTEGER NOT NULL,
  meter_id       INTEGER NOT NULL,
  channel        TEXT NOT NULL,
  attempt_no     TEXT,
  total_fen      INTEGER NOT NULL CHECK (total_fen > 0),
  fen            INTEGER NOT NULL CHECK (fen > 0 AND fen <= total_fen),
  reason         TEXT NOT NULL,
  operator_id    INTEGER NOT NULL REFERENCES operator (id),
  created_ms     INTEGER NOT NULL,
  step           TEXT NOT NULL CHECK (step IN ('meter', 'money', 'done', 'failed', 'review')),
  gateway_state  TEXT NOT NULL DEFAULT 'none',
  done_ms        INTEGER,
  message        TEXT,
  PRIMARY KEY (site, no),
  CHECK ((order_id IS NULL) <> (stray_id IS NULL))
) STRICT;

CREATE INDEX refund_of_order ON refund (site, order_id);
CREATE UNIQUE INDEX refund_of_stray ON refund (site, stray_id)
  WHERE stray_id IS NOT NULL AND step <> 'failed';
CREATE UNIQUE INDEX refund_of_intent ON refund (intent_id) WHERE intent_id IS NOT NULL;
CREATE INDEX refund_open ON refund (site, step) WHERE step IN ('meter', 'money', 'review');

CREATE TRIGGER refund_keeps_its_terms
BEFORE UPDATE OF site, no, order_id, stray_id, account_id, meter_id, channel, attempt_no, total_fen,
  fen, reason, operator_id, created_ms ON refund
BEGIN
  SELECT RAISE (ABORT, 'the terms of a refund are never changed');
END;

CREATE TRIGGER refund_goes_forward BEFORE UPDATE OF step ON refund
WHEN OLD.step IN ('done', 'failed') AND NEW.step <> OLD.step
BEGIN
  SELECT RAISE (ABORT, 'a refund that has ended stays so');
END;

CREATE TRIGGER refund_is_kept BEFORE DELETE ON refund
BEGIN
  SELECT RAISE (ABORT, 'a refund is never deleted');
END;
