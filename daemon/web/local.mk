# daemon/web
