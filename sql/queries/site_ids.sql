-- The ids of all sites
SELECT id FROM app.site ORDER BY code;
