-- Who and where: sites (parks, hubs), brands and their shops, people, vehicles, delivery points, lockers.
CREATE TABLE app.site (
  id uuid PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9_.-]{1,32}$'),
  name text NOT NULL,
  name_en text,
  kind text NOT NULL DEFAULT 'park',
  lat float8 NOT NULL CHECK (lat BETWEEN -90 AND 90),
  lon float8 NOT NULL CHECK (lon BETWEEN -180 AND 180)
);

CREATE TABLE app.brand (
  id uuid PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL
);

CREATE TABLE app.shop (
  id uuid PRIMARY KEY,
  brand_id uuid NOT NULL REFERENCES app.brand,
  site_id uuid NOT NULL REFERENCES app.site,
  code text NOT NULL UNIQUE,
  name text NOT NULL
);

CREATE TABLE app.vehicle (
  site_id uuid NOT NULL REFERENCES app.site,
  id uuid PRIMARY KEY,
  code text NOT NULL UNIQUE,
  class text NOT NULL CHECK (class IN ('foot', 'ebike', 'etrike', 'van')),
  pieces int NOT NULL CHECK (pieces > 0),
  grams int NOT NULL CHECK (grams > 0),
  cm3 int NOT NULL CHECK (cm3 > 0)
);

CREATE TABLE app.courier (
  site_id uuid NOT NULL REFERENCES app.site,
  id uuid PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  vehicle_id uuid REFERENCES app.vehicle,
  shift_start time NOT NULL DEFAULT '08:00',
  shift_end time NOT NULL DEFAULT '18:00',
  max_trips int NOT NULL DEFAULT 2 CHECK (max_trips BETWEEN 1 AND 10),
  piece_fen int NOT NULL DEFAULT 100 CHECK (piece_fen >= 0),
  familiar uuid[] NOT NULL DEFAULT '{}',
  active boolean NOT NULL DEFAULT true,
  CHECK (shift_start < shift_end)
);

CREATE TABLE app.account (
  id uuid PRIMARY KEY,
  login text NOT NULL UNIQUE CHECK (length(login) BETWEEN 1 AND 64),
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('courier', 'manager', 'shop', 'brand', 'support', 'admin')),
  password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
  site_id uuid REFERENCES app.site,
  brand_id uuid REFERENCES app.brand,
  shop_id uuid REFERENCES app.shop,
  courier_id uuid REFERENCES app.courier,
  lang text NOT NULL DEFAULT 'zh' CHECK (lang IN ('zh', 'en')),
  active boolean NOT NULL DEFAULT true,
  CHECK (role <> 'courier' OR courier_id IS NOT NULL),
  CHECK (role NOT IN ('shop', 'brand') OR brand_id IS NOT NULL),
  CHECK (role <> 'manager' OR site_id IS NOT NULL)
);

-- Tokens are opaque and stored as their SHA-256 only.
CREATE TABLE app.session (
  token_hash text PRIMARY KEY CHECK (length(token_hash) = 64),
  account_id uuid NOT NULL REFERENCES app.account,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  closed_at timestamptz
);

CREATE TABLE app.shift (
  site_id uuid NOT NULL REFERENCES app.site,
  courier_id uuid NOT NULL REFERENCES app.courier,
  at timestamptz NOT NULL,
  action text NOT NULL CHECK (action IN ('start', 'end', 'break', 'resume')),
  vehicle_id uuid REFERENCES app.vehicle,
  PRIMARY KEY (courier_id, at, action)
);

CREATE TABLE app.position (
  site_id uuid NOT NULL,
  courier_id uuid NOT NULL REFERENCES app.courier,
  at timestamptz NOT NULL,
  lat float8 NOT NULL,
  lon float8 NOT NULL,
  acc_m float8,
  PRIMARY KEY (courier_id, at)
);

-- The four kinds. calendar: {"hours": [["08:00","20:00"], …], "closed": ["2026-10-01", …], "weekdays": [1,3,5]};
-- all optional, local time; no hours = always open.
CREATE TABLE app.point (
  site_id uuid NOT NULL REFERENCES app.site,
  id uuid PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  name_en text,
  kind text NOT NULL CHECK (kind IN ('community', 'campus', 'park', 'township')),
  lat float8 NOT NULL CHECK (lat BETWEEN -90 AND 90),
  lon float8 NOT NULL CHECK (lon BETWEEN -180 AND 180),
  walk_s int NOT NULL DEFAULT 60 CHECK (walk_s BETWEEN 0 AND 7200),
  service_s int NOT NULL DEFAULT 30 CHECK (service_s BETWEEN 0 AND 7200),
  station boolean NOT NULL DEFAULT false,
  calendar jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON app.point (site_id);

CREATE TABLE app.locker (
  site_id uuid NOT NULL REFERENCES app.site,
  id uuid PRIMARY KEY,
  point_id uuid NOT NULL REFERENCES app.point,
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9_.-]{1,32}$'),
  lat float8 NOT NULL,
  lon float8 NOT NULL,
  profile text NOT NULL,
  key_epoch int NOT NULL DEFAULT 1,
  phone text NOT NULL DEFAULT '0537-0000000',
  active boolean NOT NULL DEFAULT true,
  online boolean NOT NULL DEFAULT false,
  conn jsonb,
  seen_at timestamptz
);
CREATE INDEX ON app.locker (point_id);

CREATE TABLE app.compartment (
  site_id uuid NOT NULL REFERENCES app.site,
  locker_id uuid NOT NULL REFERENCES app.locker,
  n int NOT NULL CHECK (n BETWEEN 1 AND 128),
  size text NOT NULL CHECK (size IN ('S', 'M', 'L', 'XL')),
  board int NOT NULL DEFAULT 1,
  door int NOT NULL,
  status text NOT NULL DEFAULT 'ok' CHECK (status IN ('ok', 'out_of_service', 'jammed', 'dirty')),
  observed jsonb,
  PRIMARY KEY (locker_id, n)
);
