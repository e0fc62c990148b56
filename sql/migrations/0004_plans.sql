-- Waves and plans.
CREATE TABLE app.wave (
  site_id uuid NOT NULL REFERENCES app.site,
  id uuid PRIMARY KEY,
  name text,
  cutoff timestamptz,
  max_seconds int,
  status text NOT NULL DEFAULT 'planning' CHECK (status IN ('planning', 'planned', 'published', 'failed', 'dropped')),
  created_at timestamptz NOT NULL,
  created_by uuid,
  claimed_by text,
  claimed_until timestamptz, -- real time
  planned_at timestamptz,
  published_at timestamptz,
  parcels int NOT NULL DEFAULT 0,
  routes int NOT NULL DEFAULT 0,
  unassigned int NOT NULL DEFAULT 0,
  metres bigint NOT NULL DEFAULT 0,
  seconds bigint NOT NULL DEFAULT 0,
  solve_ms bigint NOT NULL DEFAULT 0,
  reason text
);
CREATE UNIQUE INDEX wave_one_at_a_time ON app.wave (site_id) WHERE status IN ('planning', 'planned');

CREATE TABLE app.route (
  site_id uuid NOT NULL REFERENCES app.site,
  id uuid PRIMARY KEY,
  wave_id uuid NOT NULL REFERENCES app.wave,
  courier_id uuid NOT NULL REFERENCES app.courier,
  vehicle_id uuid REFERENCES app.vehicle,
  start_at timestamptz NOT NULL,
  end_at timestamptz NOT NULL,
  metres bigint NOT NULL,
  seconds bigint NOT NULL,
  UNIQUE (wave_id, courier_id)
);
CREATE INDEX ON app.route (courier_id, start_at);

CREATE TABLE app.stop (
  site_id uuid NOT NULL REFERENCES app.site,
  id uuid PRIMARY KEY,
  route_id uuid NOT NULL REFERENCES app.route,
  seq int NOT NULL,
  point_id uuid REFERENCES app.point,
  kind text NOT NULL CHECK (kind IN ('door', 'locker', 'station', 'reload')),
  locker_id uuid REFERENCES app.locker,
  arrive timestamptz NOT NULL,
  depart timestamptz NOT NULL,
  metres bigint NOT NULL,
  UNIQUE (route_id, seq),
  CHECK ((kind = 'reload') = (point_id IS NULL)),
  CHECK ((kind = 'locker') = (locker_id IS NOT NULL))
);

-- A parcel stands in one live plan at most.
CREATE TABLE app.stop_parcel (
  site_id uuid NOT NULL REFERENCES app.site,
  stop_id uuid NOT NULL REFERENCES app.stop,
  parcel_id uuid NOT NULL REFERENCES app.parcel,
  live boolean NOT NULL DEFAULT true,
  PRIMARY KEY (stop_id, parcel_id)
);
CREATE UNIQUE INDEX stop_parcel_once ON app.stop_parcel (parcel_id) WHERE live;

CREATE TABLE app.unassigned (
  site_id uuid NOT NULL REFERENCES app.site,
  wave_id uuid NOT NULL REFERENCES app.wave,
  parcel_id uuid NOT NULL REFERENCES app.parcel,
  reason text NOT NULL,
  detail text NOT NULL DEFAULT '',
  PRIMARY KEY (wave_id, parcel_id)
);

-- The solver's reasons in words.
CREATE TABLE app.reason (
  reason text PRIMARY KEY,
  zh text NOT NULL,
  en text NOT NULL
);
INSERT INTO app.reason VALUES
  ('no_vehicle', '没有可用的快递员', 'No courier is on duty'),
  ('not_allowed', '没有快递员可以派送该处', 'No courier may serve this place'),
  ('skills', '没有快递员具备所需技能', 'No courier has the skills needed'),
  ('too_big', '包裹超过所有车辆的容量', 'Larger than every vehicle'),
  ('window', '赶不上投递点的开放时间', 'The place cannot be reached while it is open'),
  ('range', '超出车辆行程或时长限制', 'Beyond the range of every vehicle'),
  ('resource', '快递柜空格不足', 'No free compartment'),
  ('locker_full', '快递柜已满，且未同意其他方式', 'The locker is full and no other way was agreed to'),
  ('capacity', '所有可用车辆已满载', 'Every vehicle that could go is full'),
  ('time', '班次时间不足', 'No shift has time left'),
  ('limit', '已达到路线上限', 'The limits of the routes are reached'),
  ('prize', '绕行成本过高', 'Serving it would cost more than it is worth'),
  ('stopped', '规划时间用尽', 'The planner ran out of time'),
  ('alternative', '已由其他方式派送', 'Served in another way');
