# locker-fw/
