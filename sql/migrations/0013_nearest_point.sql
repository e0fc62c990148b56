-- A parcel without a named point goes to the nearest one of its site: found by index, for a site may have thousands.
-- A degree of longitude is 0.81 of one of latitude at 35.4° north.
CREATE INDEX point_nearest ON app.point USING gist (site_id, point(lon * 0.81, lat));
