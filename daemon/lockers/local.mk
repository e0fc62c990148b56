# daemon/lockers
