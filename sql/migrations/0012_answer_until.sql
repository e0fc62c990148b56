-- A locker's answer is waited for in real time (as every technical deadline), not in business time, which may run fast.
ALTER TABLE app.deposit ADD COLUMN answer_until timestamptz;
