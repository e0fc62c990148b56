# routing/geo
