# routing/road
