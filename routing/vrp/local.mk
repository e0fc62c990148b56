# routing/vrp
