# daemon/io
