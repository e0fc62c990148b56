# routing/format
