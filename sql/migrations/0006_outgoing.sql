-- What leaves the house, and what guards it.
CREATE TABLE app.webhook (
  id uuid PRIMARY KEY,
  brand_id uuid NOT NULL REFERENCES app.brand,
  shop_id uuid REFERENCES app.shop,
  url text NOT NULL CHECK (url ~ '^https?://' AND length(url) <= 500),
  events text[] NOT NULL DEFAULT '{}', -- empty: all
  secret text NOT NULL,
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL
);

-- Written in the transaction of its cause, polled by the daemon.
CREATE TABLE app.outbox (
  id uuid PRIMARY KEY,
  site_id uuid,
  brand_id uuid,
  kind text NOT NULL CHECK (kind IN ('notice', 'webhook')),
  topic text NOT NULL,
  payload jsonb NOT NULL,
  webhook_id uuid REFERENCES app.webhook,
  created_at timestamptz NOT NULL,
  next_at timestamptz NOT NULL, -- real time
  attempts int NOT NULL DEFAULT 0,
  done_at timestamptz,
  failed_at timestamptz,
  last_error text
);
CREATE INDEX outbox_open ON app.outbox (next_at) WHERE done_at IS NULL AND failed_at IS NULL;

-- I2: one effect per key; the answer is kept with it, in the same transaction.
CREATE TABLE app.idempotency (
  account_id uuid NOT NULL,
  key text NOT NULL,
  hash text NOT NULL,
  status int NOT NULL,
  body jsonb,
  at timestamptz NOT NULL,
  PRIMARY KEY (account_id, key)
);

-- I11: h = SHA-256(previous h, row).
CREATE TABLE app.audit (
  seq bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  actor uuid,
  action text NOT NULL,
  subject text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}',
  prev bytea NOT NULL,
  hash bytea NOT NULL
);

-- I10: a zone is driven by the holder of its lease; the epoch grows with every change of hands.
CREATE TABLE app.lease (
  zone text PRIMARY KEY,
  holder text NOT NULL,
  epoch bigint NOT NULL,
  until timestamptz NOT NULL -- real time
);

-- The fault harness's ledgers, filled from outside (see sql/checks).
CREATE TABLE harness.acked (kind text NOT NULL, id text NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE harness.scan (id uuid PRIMARY KEY);
CREATE TABLE harness.pulse (locker text NOT NULL, n int NOT NULL, at timestamptz NOT NULL);
CREATE TABLE harness.edge (locker text NOT NULL, n int NOT NULL, door text NOT NULL, at timestamptz NOT NULL);
