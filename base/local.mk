# base/: the ground that the daemon and the controller share; no domain in it.
