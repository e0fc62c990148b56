-- Every locker the daemon drives
SELECT l.id, l.code, s.code, l.key_epoch FROM app.locker l JOIN app.site s ON s.id = l.site_id WHERE l.active ORDER BY l.code;
