# daemon/outbox
