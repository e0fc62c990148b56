-- Zone leases: a site is driven by the daemon that holds its lease, under an epoch that grows with every change of hands.
-- Every change is kept, and so is what was done under which epoch: I10 is checked against both.
DROP TABLE app.lease;
CREATE TABLE app.lease (
  zone uuid PRIMARY KEY REFERENCES app.site,
  holder text NOT NULL CHECK (length(holder) BETWEEN 1 AND 128),
  epoch bigint NOT NULL CHECK (epoch > 0),
  until timestamptz NOT NULL -- the database's own clock
);
CREATE TABLE app.lease_change (
  zone uuid NOT NULL REFERENCES app.site,
  epoch bigint NOT NULL,
  holder text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (zone, epoch)
);
CREATE TABLE app.effect (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  zone uuid NOT NULL,
  epoch bigint NOT NULL,
  what text NOT NULL,
  subject text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX ON app.effect (at);
GRANT SELECT, INSERT, UPDATE ON app.lease TO yizhan_app;
GRANT SELECT, INSERT ON app.lease_change TO yizhan_app;
GRANT SELECT, INSERT, DELETE ON app.effect TO yizhan_app;
GRANT SELECT ON app.lease, app.lease_change, app.effect TO yizhan_ro;
