-- Deposits, grants, and what the doors did.
CREATE TABLE app.deposit (
  site_id uuid NOT NULL REFERENCES app.site,
  id uuid PRIMARY KEY,
  locker_id uuid NOT NULL,
  n int NOT NULL,
  parcel_id uuid NOT NULL REFERENCES app.parcel,
  recipient_key text NOT NULL,
  courier_id uuid REFERENCES app.courier,
  -- the consent rule lives here: no row without a consent, and that consent is for a locker
  consent_id uuid NOT NULL,
  consent_how text NOT NULL DEFAULT 'locker' CHECK (consent_how = 'locker'),
  status text NOT NULL CHECK (status IN ('reserved', 'opening', 'open', 'confirmed', 'overdue', 'collected', 'recalled',
                                         'void', 'failed', 'lapsed')),
  counter int NOT NULL DEFAULT 1,
  reserved_until timestamptz,
  grant_id uuid,
  begun_at timestamptz,
  confirmed_at timestamptz,
  deadline timestamptz,
  ended_at timestamptz,
  reason text,
  live boolean GENERATED ALWAYS AS (status IN ('reserved', 'opening', 'open', 'confirmed', 'overdue')) STORED,
  FOREIGN KEY (locker_id, n) REFERENCES app.compartment (locker_id, n),
  FOREIGN KEY (consent_id, consent_how) REFERENCES app.consent (id, how),
  -- I4: one live deposit per compartment, several parcels only of one recipient
  CONSTRAINT deposit_one_recipient EXCLUDE USING gist (locker_id WITH =, n WITH =, recipient_key WITH <>)
    WHERE (status IN ('reserved', 'opening', 'open', 'confirmed', 'overdue'))
);
CREATE UNIQUE INDEX deposit_one_live_per_parcel ON app.deposit (parcel_id) WHERE live;
CREATE INDEX ON app.deposit (locker_id, n) WHERE live;
CREATE INDEX ON app.deposit (deadline) WHERE status = 'confirmed';
CREATE INDEX ON app.deposit (reserved_until) WHERE status = 'reserved';

-- Every permission to open a door that was signed (I5: a pulse without one is a break-in).
CREATE TABLE app.grant_issued (
  site_id uuid NOT NULL REFERENCES app.site,
  id uuid PRIMARY KEY,
  locker_id uuid NOT NULL REFERENCES app.locker,
  n int NOT NULL,
  op text NOT NULL,
  ref uuid,
  issued_at timestamptz NOT NULL,
  issued_to uuid,
  result text,
  result_at timestamptz
);

-- The lockers' journals: (locker, boot, seq) names a record for ever.
CREATE TABLE app.door_event (
  locker text NOT NULL,
  boot bigint NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  rt timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  type text NOT NULL,
  op text NOT NULL,
  why text NOT NULL,
  n int NOT NULL,
  ref uuid,
  grant_id uuid,
  value bigint NOT NULL,
  mac bytea NOT NULL,
  PRIMARY KEY (locker, boot, seq)
);
CREATE INDEX ON app.door_event (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX ON app.door_event (ref) WHERE ref IS NOT NULL;
