# On foot: one-ways do not matter unless tagged for people on foot, turns cost nothing.
name foot
access access foot
oneway oneway:foot
restriction restriction:foot
except foot

class primary 4.5
class primary_link 4.5
class secondary 4.5
class secondary_link 4.5
class tertiary 4.5
class tertiary_link 4.5
class unclassified 4.5
class residential 4.5
class living_street 4.5
class service 4.5
class pedestrian 4.5
class footway 4.5
class path 4.3
class steps 2.2
class corridor 4
class platform 4
class cycleway 4.5
class track 4.3
class bridleway 4 explicit
class road 4.5
class trunk 4 explicit

value yes yes
value permissive yes
value designated yes
value official yes
value public yes
value delivery yes
value customers 0
value destination 0
value private 60
value permit 60
value use_sidepath 10
value no no

deny motorroad=yes
maxspeed 0
factor surface=sand 0.6
factor surface=mud 0.5

barrier fence no
barrier wall no
barrier hedge no
barrier ditch no
barrier city_wall no
barrier retaining_wall no
barrier gate 3
barrier * 0

node highway=traffic_signals 12
node highway=crossing 2

ferry 300
walk 4.5
