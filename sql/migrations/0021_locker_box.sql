-- What a locker's box senses by itself: temperature, tamper, mains, and the alarms that stand (doc/schemas/locker/state.json).
ALTER TABLE app.locker ADD COLUMN box jsonb;
