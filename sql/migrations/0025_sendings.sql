-- Sendings: a resident puts a parcel into a free compartment, a courier takes it out and it goes on its way as any other.
-- The locker chooses the compartment; `n` is its word.
CREATE TABLE app.sending (
  site_id uuid NOT NULL REFERENCES app.site, -- of the locker
  id uuid PRIMARY KEY,                       -- the ref of its grants, and what its code is made from
  brand_id uuid NOT NULL REFERENCES app.brand,
  shop_id uuid NOT NULL REFERENCES app.shop,
  parcel_id uuid NOT NULL UNIQUE REFERENCES app.parcel,
  return_of uuid REFERENCES app.parcel, -- what goes back, where a recipient returns it
  to_shop boolean NOT NULL,             -- handed to the shop at the hub, and in no wave
  locker_id uuid NOT NULL REFERENCES app.locker,
  n int CHECK (n BETWEEN 1 AND 128), -- no foreign key: a record of a locker is never refused
  size text NOT NULL CHECK (size IN ('S', 'M', 'L', 'XL')),
  who text,
  phone text,
  personal_until date NOT NULL, -- name and phone are cleared then
  status text NOT NULL DEFAULT 'expected' CHECK (status IN ('expected', 'dropped', 'picked_up', 'done', 'expired', 'cancelled')),
  grant_id uuid NOT NULL,                   -- of the QR; another one once a door has opened for it in vain
  announced boolean NOT NULL DEFAULT false, -- the locker expects it: the code works
  courier_id uuid REFERENCES app.courier,   -- who opened it to take it out
  created_at timestamptz NOT NULL,
  created_by uuid,
  expires_at timestamptz NOT NULL,
  dropped_at timestamptz,
  picked_up_at timestamptz,
  ended_at timestamptz,
  reason text,
  -- a door has opened for it, and what was put in has not been taken out
  inside boolean GENERATED ALWAYS AS (n IS NOT NULL AND status IN ('expected', 'dropped', 'expired', 'cancelled')) STORED,
  CHECK (status <> 'dropped' OR (n IS NOT NULL AND dropped_at IS NOT NULL))
);
CREATE UNIQUE INDEX sending_one_inside ON app.sending (locker_id, n) WHERE status = 'dropped';
CREATE UNIQUE INDEX sending_one_return ON app.sending (return_of) WHERE status NOT IN ('expired', 'cancelled');
CREATE INDEX sending_inside ON app.sending (locker_id, n) WHERE inside;
CREATE INDEX sending_open ON app.sending (site_id, status) WHERE status IN ('expected', 'dropped');
CREATE INDEX ON app.sending (brand_id, id);
CREATE INDEX sending_personal ON app.sending (personal_until) WHERE phone IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON app.sending TO yizhan_app;
GRANT SELECT ON app.sending TO yizhan_ro;
ALTER TABLE app.sending ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_brand ON app.sending USING (
  nullif(current_setting('yizhan.brand_id', true), '') IS NULL
  OR brand_id = nullif(current_setting('yizhan.brand_id', true), '')::uuid);

INSERT INTO app.kind (kind, state, holder, rank, final, scan, zh, en, code100, emsevt) VALUES
  ('drop_off', 'dropped_off', 'locker', 2, false, false, '已寄存快递柜，待揽收', 'Dropped off at a locker', '102', NULL);
INSERT INTO app.transition VALUES ('created', 'drop_off'), ('pickup_assigned', 'drop_off'),
  ('dropped_off', 'pickup'), ('dropped_off', 'arrive'), ('dropped_off', 'exception'), ('dropped_off', 'lost'), ('dropped_off', 'damage'),
  ('picked_up', 'pickup'); -- the door says that it was taken out, and the courier scans it
