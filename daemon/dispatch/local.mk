# daemon/dispatch
