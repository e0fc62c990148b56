-- A courier's open page is told that his route has changed: written with its cause, like all that goes out.
ALTER TABLE app.outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE app.outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('notice', 'webhook', 'courier'));
