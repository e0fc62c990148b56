# daemon/park
