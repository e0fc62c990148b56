-- Takes or renews the leases of sites; $1 by whom, $2 codes of the sites (empty: all), $3 for how many seconds
SELECT zone, epoch FROM api.leases_take($1::text, $2::text[], $3::float8);
