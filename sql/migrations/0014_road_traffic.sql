-- What the roads are like now: a closure or a speed for one direction of a way, until it is taken back or ends by itself.
CREATE TABLE app.road_traffic (
  way bigint NOT NULL CHECK (way > 0), -- OpenStreetMap's id
  direction text NOT NULL CHECK (direction IN ('forward', 'backward')), -- as the way is drawn
  speed text NOT NULL CHECK (speed ~ '^x?[0-9]{1,3}(\.[0-9]{1,3})?$'), -- km/h, 0: closed, x0.5: half of the usual
  until timestamptz, -- business time; NULL: until it is taken back
  reason text CHECK (length(reason) <= 200),
  set_by uuid NOT NULL REFERENCES app.account (id),
  set_at timestamptz NOT NULL,
  PRIMARY KEY (way, direction)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON app.road_traffic TO yizhan_app;
GRANT SELECT ON app.road_traffic TO yizhan_ro;
