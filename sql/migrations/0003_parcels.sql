-- Parcels, their append-only events, and what recipients agreed to.
CREATE TABLE app.parcel (
  site_id uuid NOT NULL REFERENCES app.site,
  id uuid PRIMARY KEY,
  brand_id uuid NOT NULL REFERENCES app.brand,
  shop_id uuid NOT NULL REFERENCES app.shop,
  waybill text NOT NULL UNIQUE CHECK (waybill ~ '^[A-Za-z0-9-]{6,32}$'),
  order_no text,
  body_hash text NOT NULL,
  recipient_name text,
  recipient_phone text,
  recipient_address text,
  recipient_key text NOT NULL,
  point_id uuid NOT NULL REFERENCES app.point,
  lat float8,
  lon float8,
  prefer text CHECK (prefer IN ('door', 'locker', 'station')),
  service text NOT NULL DEFAULT 'standard' CHECK (service IN ('standard', 'fresh', 'valuable')),
  size text NOT NULL CHECK (size IN ('S', 'M', 'L', 'XL')),
  grams int NOT NULL,
  cm3 int NOT NULL,
  declared_fen bigint NOT NULL DEFAULT 0,
  cod_fen bigint NOT NULL DEFAULT 0,
  promised_by timestamptz,
  note text,
  tracking text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  personal_until date NOT NULL, -- name, phone and address are cleared then
  -- derived from the events by api.events_fold; nothing else writes them
  state text NOT NULL DEFAULT 'created',
  state_at timestamptz NOT NULL,
  holder text NOT NULL DEFAULT 'sender',
  courier_id uuid REFERENCES app.courier,
  attempts int NOT NULL DEFAULT 0,
  arrived_at timestamptz,
  loaded_at timestamptz
);
CREATE INDEX ON app.parcel (site_id, state, id);
CREATE INDEX ON app.parcel (brand_id, id);
CREATE INDEX ON app.parcel (point_id);
CREATE INDEX ON app.parcel (recipient_key);

-- Kinds of events as data: the state each leads to, who holds the parcel then, how far along it is, and the codes that
-- the public interfaces show (快递100 status; UPU EMSEVT). `final` states end the life: a later event is kept, flagged,
-- and does not change the state.
CREATE TABLE app.kind (
  kind text PRIMARY KEY,
  state text NOT NULL,
  holder text NOT NULL,
  rank int NOT NULL,
  final boolean NOT NULL DEFAULT false,
  scan boolean NOT NULL, -- may come from a scanner
  zh text NOT NULL,
  en text NOT NULL,
  code100 text NOT NULL,
  emsevt text
);
INSERT INTO app.kind (kind, state, holder, rank, final, scan, zh, en, code100, emsevt) VALUES
  ('create', 'created', 'sender', 0, false, false, '已下单', 'Order received', '101', NULL),
  ('assign', 'pickup_assigned', 'sender', 1, false, false, '待揽收', 'Pickup assigned', '102', NULL),
  ('cancel', 'cancelled', 'sender', 2, true, false, '已取消', 'Cancelled', '103', NULL),
  ('pickup', 'picked_up', 'courier', 3, false, true, '已揽收', 'Picked up', '103', 'EMA'),
  ('relay', 'relayed', 'carrier', 4, false, true, '转运中', 'In transit between hubs', '1002', NULL),
  ('arrive', 'arrived', 'site', 5, false, true, '到件', 'Arrived at the hub', '1001', 'EMG'),
  ('unload', 'arrived', 'site', 5, false, true, '卸车', 'Unloaded at the hub', '1001', 'EMG'),
  ('sort', 'sorted', 'site', 6, false, true, '已分拣', 'Sorted', '0', NULL),
  ('load', 'loaded', 'courier', 7, false, true, '已装车', 'Loaded', '1002', NULL),
  ('out_for_delivery', 'out_for_delivery', 'courier', 8, false, true, '派件中', 'Out for delivery', '5', 'EDG'),
  ('attempt_failed', 'attempt_failed', 'courier', 9, false, true, '派送失败', 'Attempt failed', '2', 'EMH'),
  ('exception', 'exception', 'courier', 9, false, true, '问题件', 'Exception', '2', 'EMH'),
  ('deposit', 'in_locker', 'locker', 10, false, false, '已投柜', 'In the locker', '501', 'EDH'),
  ('station_in', 'at_station', 'station', 10, false, true, '已入站', 'At the station', '501', 'EDH'),
  ('overdue', 'overdue', 'locker', 11, false, false, '超期未取', 'Overdue', '2', NULL),
  ('recall', 'out_for_delivery', 'courier', 12, false, false, '快递员取回', 'Taken back by the courier', '2', NULL),
  ('refuse', 'refused', 'courier', 13, false, true, '拒收', 'Refused', '14', 'EMH'),
  ('intercept', 'intercepted', 'site', 13, false, false, '已拦截', 'Intercepted', '7', NULL),
  ('return_start', 'returning', 'courier', 14, false, true, '退回中', 'Returning', '6', NULL),
  ('collect', 'signed', 'recipient', 20, true, false, '已取件', 'Collected from the locker', '304', 'EMI'),
  ('sign', 'signed', 'recipient', 20, true, true, '已签收', 'Signed', '301', 'EMI'),
  ('return_done', 'returned', 'sender', 20, true, true, '已退签', 'Returned to the sender', '4', NULL),
  ('damage', 'damaged', 'site', 21, true, true, '破损', 'Damaged', '2', 'EMH'),
  ('lost', 'lost', 'nobody', 22, true, true, '遗失', 'Lost', '2', 'EMH');

-- Which kind may follow a state without being flagged.
CREATE TABLE app.transition (
  state text NOT NULL,
  kind text NOT NULL REFERENCES app.kind,
  PRIMARY KEY (state, kind)
);
INSERT INTO app.transition (state, kind)
SELECT s, k FROM (VALUES
  ('created', '{assign,cancel,pickup,arrive,unload,intercept}'),
  ('pickup_assigned', '{cancel,pickup,arrive,intercept}'),
  ('picked_up', '{arrive,unload,relay,exception,intercept}'),
  ('relayed', '{arrive,unload,relay,exception}'),
  ('arrived', '{arrive,unload,sort,load,relay,exception,intercept,return_start,out_for_delivery}'),
  ('sorted', '{sort,load,relay,exception,intercept,return_start,arrive}'),
  ('loaded', '{load,relay,out_for_delivery,unload,exception,intercept}'),
  ('out_for_delivery', '{deposit,station_in,sign,attempt_failed,exception,refuse,intercept,unload,arrive,return_start}'),
  ('attempt_failed', '{out_for_delivery,station_in,deposit,sign,refuse,return_start,unload,arrive,attempt_failed,exception}'),
  ('exception', '{arrive,sort,load,out_for_delivery,return_start,station_in,deposit,sign,unload}'),
  ('in_locker', '{collect,overdue,recall,refuse}'),
  ('at_station', '{sign,overdue,return_start,refuse}'),
  ('overdue', '{collect,sign,recall,return_start,out_for_delivery}'),
  ('refused', '{return_start,unload,arrive}'),
  ('signed', '{refuse}'),
  ('intercepted', '{return_start,arrive,unload}'),
  ('returning', '{return_done,arrive,unload,load,return_start,relay}')) t (s, ks)
CROSS JOIN LATERAL unnest(ks::text[]) k;
INSERT INTO app.transition (state, kind)
SELECT DISTINCT state, k FROM app.kind CROSS JOIN (VALUES ('lost'), ('damage')) f (k)
WHERE NOT final ON CONFLICT DO NOTHING;

-- The log. `day` is the day of the event's own UUIDv7, so that a repeat of an id always meets its unique key; an id of
-- another version stands under 1970-01-01. No foreign keys: a scan of an unknown parcel is kept too.
CREATE TABLE app.event (
  day date NOT NULL,
  id uuid NOT NULL,
  waybill text NOT NULL,
  parcel_id uuid,
  brand_id uuid,
  site_id uuid,
  kind text NOT NULL,
  at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  actor_id uuid,
  courier_id uuid,
  device text,
  detail jsonb,
  flags text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);
CREATE TABLE app.event_default PARTITION OF app.event DEFAULT;
CREATE INDEX ON app.event (parcel_id, at);
CREATE INDEX ON app.event (waybill) WHERE parcel_id IS NULL;

-- Parcels whose events changed since their state was last derived. Work, not history: rows are taken away.
CREATE TABLE app.fold_queue (
  parcel_id uuid NOT NULL
);

-- What the fold noticed, beside the append-only log.
CREATE TABLE app.event_flag (
  event_id uuid NOT NULL,
  parcel_id uuid NOT NULL,
  flag text NOT NULL,
  PRIMARY KEY (parcel_id, event_id, flag)
);

-- 快递市场管理办法 (2024-03-01) and order 2019 no. 16: no locker, station or signing on behalf without consent.
-- For one parcel, or, parcel_id NULL, for the recipient's parcels until revoked.
CREATE TABLE app.consent (
  id uuid PRIMARY KEY,
  recipient_key text NOT NULL,
  parcel_id uuid REFERENCES app.parcel,
  how text NOT NULL CHECK (how IN ('door', 'locker', 'station')),
  channel text NOT NULL CHECK (channel IN ('sender', 'resident', 'phone', 'agent')),
  who text NOT NULL,
  at timestamptz NOT NULL,
  UNIQUE (id, how)
);
CREATE INDEX ON app.consent (recipient_key, at);
CREATE INDEX ON app.consent (parcel_id);

-- A second link to the same page, for someone whom the recipient sends. Never handed on again.
CREATE TABLE app.delegation (
  token text PRIMARY KEY,
  parcel_id uuid NOT NULL REFERENCES app.parcel,
  created_at timestamptz NOT NULL,
  until timestamptz NOT NULL
);
