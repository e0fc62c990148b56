# daemon/domain
